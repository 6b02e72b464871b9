import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.cleaning.words import WordList, correct_spelling, misspellings, replace_words, stop_words, without_stop_words

AROUND = "They said that it was not the one which we had wanted, and so on. "


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("I beleive it", "I believe it"), ("Recieve this", "Receive this"), ("TEH END", "THE END"), ("(teh)", "(the)"), ("“teh”", "“the”")],
)
def test_a_known_misspelling_is_corrected_in_its_case(wrong: str, right: str) -> None:
    assert correct_spelling(AROUND + wrong) == AROUND + right


@pytest.mark.parametrize(
    "text", ["http://a.org/recieve", "recieve_buffer", "--recieve", "recieve.py", "recieve2", "reCieve", "@recieve", "$recieve"]
)
def test_names_and_addresses_stay(text: str) -> None:
    assert correct_spelling(AROUND + text) == AROUND + text


def test_a_capital_inside_a_sentence_begins_a_name() -> None:
    assert correct_spelling(AROUND + "We ran Siduction and Recieve.") == AROUND + "We ran Siduction and Recieve."


def test_text_in_another_language_stays() -> None:
    text = "Das ist nicht die Frage, die wir uns gestellt haben: teh."
    assert correct_spelling(text) == text


def test_the_list_has_one_correction_a_word_and_never_a_word_for_itself() -> None:
    words = misspellings().meanings
    assert len(words) > 50_000
    assert not [word for word, correction in words.items() if word == correction or "," in correction]


def test_stop_words_go_with_the_blank_behind_them() -> None:
    assert without_stop_words("The cathedral and the bridge", "en") == "cathedral bridge"
    assert without_stop_words("Die Brücke für den Garten", "de") == "Brücke Garten"
    assert "the" in stop_words("en")


@settings(deadline=None)
@given(st.text(alphabet="teh aé。\u201c_1.-\n", max_size=80))
def test_replacing_is_what_splitting_into_words_would_give(text: str) -> None:
    words = WordList.of({"teh": "the", "té": "x"})
    found = replace_words(text, words, lambda old, new, starts: new.upper().encode())
    inside = set("teha\u00e9_1")
    expected, word = [], ""
    for place, letter in enumerate(text + "\n"):
        if letter in inside:
            word += letter
            continue
        before = text[place - len(word) - 1 : place - len(word)]
        after, follows = text[place : place + 1], text[place + 1 : place + 2]
        named = (before and before in "_-.") or after == "-" or (after == "." and follows.isascii() and follows.isalnum())
        expected.append(words.meanings[word].upper() if word in words.meanings and not named else word)
        expected.append(letter)
        word = ""
    assert found == "".join(expected)[:-1]
