import numpy as np
import pytest

from assay.tokenizer.characters import (
    BLOCK,
    CODE_POINTS,
    LETTER,
    NUMBER,
    OTHER,
    SPACE,
    character_classes,
    class_blocks,
    library_agrees,
    library_classes,
)


@pytest.mark.slow
def test_every_character_has_the_class_that_the_library_sees() -> None:
    points = np.concatenate([np.arange(0xD800), np.arange(0xE000, CODE_POINTS)])
    assert (library_classes(points) == character_classes()[points]).all()


def test_a_library_with_another_unicode_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert library_agrees.__wrapped__()
    changed = character_classes().copy()
    changed[0x4E00:0x9FFF] = NUMBER
    monkeypatch.setattr("assay.tokenizer.characters.character_classes", lambda: changed)
    assert not library_agrees.__wrapped__()


def test_the_blocks_hold_the_same_classes_in_less_room() -> None:
    rows, blocks = class_blocks()
    points = np.arange(CODE_POINTS)
    assert (blocks[rows[points // BLOCK].astype(np.int64) * BLOCK + points % BLOCK] == character_classes()).all()
    assert blocks.nbytes < 40_000
    assert [int(character_classes()[ord(character)]) for character in "a中5 _"] == [LETTER, LETTER, NUMBER, SPACE, OTHER]
