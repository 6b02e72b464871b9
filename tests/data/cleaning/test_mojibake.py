import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.data.cleaning.mojibake import suspect, without_mojibake


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("café d’or", "cp1252"), ("café d’or", "latin-1"), ("中文", "latin-1"), ("über – “quoted", "cp1252"), ("naïve Ångström", "latin-1")],
)
def test_utf8_read_as_something_else_is_repaired(text: str, wrong: str) -> None:
    broken = text.encode().decode(wrong)
    assert broken != text
    assert without_mojibake(broken) == text


@pytest.mark.parametrize("text", ["", "plain", "Qu'est-ce que c’est ? À l’été « là »", "ÃO É PÃO", "这是中文", "Ñandú año"])
def test_right_text_stays(text: str) -> None:
    assert without_mojibake(text) == text


@pytest.mark.parametrize("text", ["plain", "这是中文，没有问题。", "café à l’été", "Größe über Österreich", "un\xa0deux"])
def test_ordinary_text_never_reaches_ftfy(text: str) -> None:
    assert not suspect(text)


def test_only_the_broken_line_changes() -> None:
    assert without_mojibake("café\ncafÃ©\n") == "café\ncafé\n"


LETTERS = st.text(alphabet="aéèàüß", min_size=1, max_size=8)
WORDS = st.one_of(
    LETTERS, st.text(alphabet="中文字", min_size=1, max_size=8), st.tuples(LETTERS, LETTERS).map("’".join), st.sampled_from(["«", "»", "–"])
)


@given(st.lists(st.tuples(WORDS, st.sampled_from(" \n")).map("".join), max_size=16).map("".join))
def test_right_text_of_the_languages_we_keep_stays(text: str) -> None:
    assert without_mojibake(text) == text
