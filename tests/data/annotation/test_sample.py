from collections import Counter

import numpy as np
import pytest

from assay.config.schema import AnnotateCommand
from assay.data.annotation.sample import TEXT_CHARACTERS, draw, rows_of, sampled, text_hashes
from assay.data.clean import measured_corpus
from assay.data.document import text_hash
from assay.data.schema import SourceSchema


@pytest.fixture
def measured(labelling):
    """Of two sources: 40 short documents and 3 others, one of them long."""

    def make(**words):
        made = labelling(
            {"a.txt": b"".join(b"document number %d says hello\n" % n for n in range(40)), "b.txt": b"one\ntwo\n" + b"x" * 6000},
            data={"sources": [SourceSchema(folder="mine", format="lines", members=[f"*{name}.txt"]) for name in "ab"]},
            **words,
        )
        command: AnnotateCommand = made.ask()
        return measured_corpus(command, made.root, made.say)[0]

    return make()


def test_a_sample_is_a_matter_of_seed_and_id(measured) -> None:
    everything = measured.by_id
    first = draw(measured, everything, 10, "none", 1).tolist()
    assert first == draw(measured, everything[::-1], 10, "none", 1).tolist(), "not of the order of documents"
    assert first != draw(measured, everything, 10, "none", 2).tolist()
    assert first == draw(measured, everything, 43, "none", 1)[:10].tolist(), "a larger sample begins with the smaller"
    fewer = np.setdiff1d(everything, first[:5])
    assert draw(measured, fewer, 5, "none", 1).tolist() == first[5:], "what is labelled gives way to what follows"


def test_a_balanced_sample_has_as_many_of_each_source_as_there_are(measured) -> None:
    assert Counter(measured.sources[draw(measured, measured.by_id, 4, "source", 1)].tolist()) == {0: 2, 1: 2}
    assert Counter(measured.sources[draw(measured, measured.by_id, 20, "source", 1)].tolist()) == {0: 17, 1: 3}
    assert Counter(measured.sources[draw(measured, measured.by_id, 20, "none", 1)].tolist())[1] <= 3


def test_of_a_long_document_the_beginning_is_shown_and_the_whole_is_hashed(measured) -> None:
    shown = sampled(measured, measured.by_id)
    (long,) = [each for each in shown if each.more_characters]
    assert (long.text, long.more_characters) == ("x" * TEXT_CHARACTERS, 1000)
    assert long.text_hash == text_hash("x" * 6000)
    assert text_hashes(measured, measured.by_id) == [each.text_hash for each in shown]


def test_a_document_is_found_by_its_whole_id(measured) -> None:
    ids = [document.id for document in measured.documents(measured.by_id[:2])]
    odd = [ids[0][:31], ids[0].upper(), "0" * 32, "\u0663" * 32, "", ids[0][:-1] + ("0" if ids[0][-1] != "0" else "1")]
    assert rows_of(measured, [*ids, *odd]) == dict(zip(ids, measured.by_id[:2].tolist(), strict=True))
