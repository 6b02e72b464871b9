"""Which language a text is in, on sentences anyone can check. Accuracy on real documents: benchmarks/language.py."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.batch import TextBatch
from assay.data.language.identify import identify, languages
from assay.data.language.names import LANGUAGES

SENTENCES = {
    "en": "The house that we saw on the hill was built by people who had never been there before.",
    "de": "Das Haus, das wir auf dem Hügel gesehen haben, wurde von Leuten gebaut, die noch nie dort gewesen waren.",
    "fr": "La maison que nous avons vue sur la colline a été construite par des gens qui n’y étaient jamais allés.",
    "es": "La casa que vimos en la colina fue construida por personas que nunca habían estado allí antes.",
    "it": "La casa che abbiamo visto sulla collina è stata costruita da persone che non erano mai state lì prima.",
    "pt": "A casa que vimos na colina foi construída por pessoas que nunca tinham estado lá antes, mas não por nós.",
    "nl": "Het huis dat we op de heuvel zagen is gebouwd door mensen die er nog nooit eerder waren geweest.",
    "ru": "Дом, который мы видели на холме, был построен людьми, которые никогда раньше там не были.",
    "uk": "Будинок, який ми бачили на пагорбі, був збудований людьми, які ніколи раніше там не були.",
    "zh-Hans": "我们在山上看见的房子是从来没有去过那里的人建的。",
    "zh-Hant": "我們在山上看見的房子是從來沒有去過那裡的人建的。",
    "ja": "丘の上に見えた家は、そこに行ったことがない人々によって建てられました。",
    "ko": "우리가 언덕 위에서 본 집은 그곳에 가 본 적이 없는 사람들이 지었습니다.",
    "el": "Το σπίτι που είδαμε στον λόφο χτίστηκε από ανθρώπους που δεν είχαν πάει ποτέ εκεί.",
    "ar": "البيت الذي رأيناه على التل بناه أناس لم يكونوا هناك من قبل.",
}


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_is_enough(name: str) -> None:
    assert languages([SENTENCES[name]]) == [name]


def test_commands_beside_chinese_do_not_make_it_english() -> None:
    text = "使用 `apt-get install linux-image-amd64 firmware-linux-nonfree debian-archive-keyring` 安装软件包。"
    assert len(text.encode()) > 2 * 3 * sum("\u4e00" <= letter < "\ua000" for letter in text)  # most bytes are Latin letters
    assert languages([text]) == ["zh-Hans"]


def test_what_both_forms_of_chinese_share_is_chinese_all_the_same() -> None:
    assert languages(["中文文字"]) == ["zh"]


def test_too_little_is_unknown() -> None:
    assert languages(["", "a", "1234567890 ++ --", "/usr/share/doc/apt", "😀😀😀😀😀😀"]) == ["unknown"] * 5


def test_a_script_without_known_language_is_other() -> None:
    assert languages(["ყველა ადამიანი იბადება თავისუფალი"]) == ["other"]


def test_confidence_falls_with_a_second_script() -> None:
    _, confidence = identify(TextBatch.of([SENTENCES["en"], SENTENCES["en"] + SENTENCES["ru"]]))
    assert confidence[0] > confidence[1] > 0


def test_a_long_text_is_judged_by_its_windows() -> None:
    """One foreign page at the start of a long text does not decide."""
    text = SENTENCES["zh-Hans"] * 5 + SENTENCES["de"] * 2000
    assert languages([text]) == ["de"]


def test_a_text_says_the_same_alone_and_in_a_batch() -> None:
    texts = [*SENTENCES.values(), *("x" * length + text * 60 for length, text in enumerate(SENTENCES.values()))]
    assert languages(texts) == [name for text in texts for name in languages([text])]


@settings(deadline=None)
@given(st.lists(st.text(max_size=3000), max_size=8))
def test_any_text_gets_a_code_and_a_percentage(texts: list[str]) -> None:
    batch = TextBatch.of([text.encode("utf-8", "ignore").decode() for text in texts])
    codes, confidence = identify(batch)
    assert codes.shape == confidence.shape == (len(texts),)
    assert (codes < len(LANGUAGES)).all()
    assert (confidence <= 100).all()
    again = identify(batch)
    assert np.array_equal(codes, again[0])
    assert np.array_equal(confidence, again[1])
