import pytest

from assay.data.measures.words import ENGLISH_STOP_WORDS, stop_table


def test_each_stop_word_has_its_own_place() -> None:
    keys, bits, _ = stop_table(ENGLISH_STOP_WORDS)
    assert sorted(bits[bits > 0].tolist()) == [1 << number for number in range(len(ENGLISH_STOP_WORDS))]
    assert len(keys) == len(bits)


def test_more_stop_words_than_bits_are_refused() -> None:
    with pytest.raises(ValueError, match="61 stop words; a bit set holds 60"):
        stop_table(tuple(map(str, range(61))))
