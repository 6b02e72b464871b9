"""Languages of single sentences and titles, in which stop words are few. Accuracy on public sentences: benchmarks/language.py."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.batch import TextBatch
from assay.data.language.identify import identify, languages
from assay.data.language.short_texts import SHORT_CHARACTERS, short_text_language

TITLES = {
    "fi": "Talvinen iltahämärä laskeutui kylän ylle.",
    "tr": "Kırmızı bisikletim dün akşam çalındı.",
    "pl": "Zimowy wieczór zapadał nad wioską.",
    "hr": "Jučer smo kupili svježe jagode.",
    "da": "Cyklen blev stjålet i går aftes.",
    "en": "Annual report on freshwater fisheries",
}


@pytest.mark.parametrize("name", TITLES)
def test_a_sentence_with_hardly_a_stop_word_has_a_language(name: str) -> None:
    assert languages([TITLES[name]]) == [name]


def test_a_language_that_is_not_listed_is_other_and_not_its_neighbour() -> None:
    assert languages(["Eile õhtul varastati minu punane jalgratas.", "Vakar vakare pavogė mano raudoną dviratį."]) == ["other"] * 2


@pytest.mark.parametrize("command", ["sudo apt-get install --yes build-essential", "drwxr-xr-x 2 root root 4096 Nov 30 23:18 data"])
def test_a_command_is_not_english(command: str) -> None:
    assert languages([command]) == ["unknown"]


def test_serbian_in_latin_letters_counts_as_croatian() -> None:
    found = short_text_language("Juče smo kupili sveže jagode na pijaci u Beogradu.".encode(), "unknown")
    assert found is not None
    assert found.name == "hr"


def test_the_form_of_chinese_is_not_asked_for() -> None:
    assert languages(["红色的自行车", "紅色的腳踏車"]) == ["zh-Hans", "zh-Hant"]


def test_chinese_with_a_phrase_in_latin_letters_is_not_english() -> None:
    assert short_text_language("办理 check in 和 check out 都很快".encode(), "unknown") is None


def test_control_characters_leave_what_the_stop_words_say() -> None:
    """CLD2 refuses them."""
    text = "The house that we saw on the hill was not there.\x01"
    assert short_text_language(text.encode(), "en") is None
    assert languages([text]) == ["en"]


@pytest.mark.parametrize(("length", "is_short"), [(SHORT_CHARACTERS - 1, True), (SHORT_CHARACTERS, False)])
def test_characters_decide_what_is_short_and_not_bytes(length: int, is_short: bool) -> None:
    text = ("Вчера вечером у меня украли красный велосипед. " * 3)[:length]
    assert (short_text_language(text.encode(), "ru") is not None) == is_short


@settings(deadline=None)
@given(st.lists(st.sampled_from([*TITLES.values(), "", "x", "\x00", "中文", "ls -la"]), max_size=8))
def test_a_text_says_the_same_whatever_stands_beside_it(texts: list[str]) -> None:
    codes, confidence = identify(TextBatch.of(texts))
    alone = [identify(TextBatch.of([text])) for text in texts]
    assert codes.tolist() == [found[0][0] for found in alone]
    assert confidence.tolist() == [found[1][0] for found in alone]
