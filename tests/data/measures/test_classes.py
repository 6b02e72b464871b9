import pytest

from assay.data.measures.classes import ALONE, BLANK, BREAK, DECIMAL, HAN, LETTER, MARK, SENTENCE, SYMBOL, TERMINAL, classes, code_points


def test_letters_and_blanks_are_pythons_own() -> None:
    table = classes()
    for point in range(0x30000):
        assert bool(table[point] & LETTER) == chr(point).isalpha()
        assert bool(table[point] & BLANK) == chr(point).isspace()
        assert bool(table[point] & BREAK) == (len(f"a{chr(point)}b".splitlines()) == 2)
        assert bool(table[point] & DECIMAL) == chr(point).isdecimal()


@pytest.mark.parametrize(
    ("letter", "bits"), [("\u4e2d", HAN | ALONE), ("\u3042", ALONE), ("\u0301", MARK), ("\u3002", TERMINAL | SENTENCE | SYMBOL)]
)
def test_a_character_has_the_bits_of_its_kind(letter: str, bits: int) -> None:
    assert classes()[ord(letter)] & bits == bits


def test_ranges_are_written_in_hexadecimal() -> None:
    assert code_points("a c-e").tolist() == [10, 12, 13, 14]
