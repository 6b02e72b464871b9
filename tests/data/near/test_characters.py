import pytest

from assay.data.near.characters import character_table
from assay.data.near.kernel_shingles import ALONE


@pytest.mark.parametrize(
    ("character", "folded"),
    [("a", "a"), ("A", "a"), ("É", "é"), ("Ж", "ж"), ("7", "7"), ("\u0301", "\u0301"), ("İ", "İ"), ("ß", "ß"), ("가", "가")],
)
def test_letters_digits_and_marks_are_parts_of_words_in_lower_case(character: str, folded: str) -> None:
    assert character_table()[ord(character)] == ord(folded)


@pytest.mark.parametrize("character", list("中々ぁカㄅกက៊ｶ豈"))
def test_a_character_of_a_script_without_spaces_stands_alone(character: str) -> None:
    assert character_table()[ord(character)] == ord(character) | ALONE


@pytest.mark.parametrize("character", list(" \n.,'’_-。，「」・€😀\u200b\x00\ufeff"))
def test_punctuation_blanks_and_pictures_stand_between_words(character: str) -> None:
    assert character_table()[ord(character)] == 0


def test_the_table_can_not_be_changed_by_who_reads_it() -> None:
    with pytest.raises(ValueError, match="read-only"):
        character_table()[0] = 1
