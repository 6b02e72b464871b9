import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from assay.data.clean import clean, explain
from assay.data.document import document_id
from assay.data.linguistics.settings import LinguisticSettings
from assay.data.near.settings import NearDedupSettings
from assay.errors import DataError

Corpus = Callable[..., SimpleNamespace]


@pytest.fixture
def made(corpus: Corpus, lines: bytes) -> SimpleNamespace:
    content = lines + b"x\ndocument number 1 says hello\ncafe\xcc\x81 is a word to normalise\n"
    made = corpus({"a.txt": content, "b.txt": b"\0"}, source={"format": "lines"}, cleaning={"min_characters": 5})
    clean(made.config, made.root / "out", made.root, made.say)
    return made


def told(made: SimpleNamespace, record: str, path: str = "a.txt") -> str:
    return explain(made.config, document_id("folder:mine", path, record), made.root, made.say)


def test_a_dropped_document_tells_its_reason_and_its_place(made: SimpleNamespace) -> None:
    found = told(made, "41")
    assert "folder:mine, a.txt, record 41" in found
    assert "dropped: too_short" in found


def test_of_two_equal_texts_one_is_kept_and_the_other_names_it(made: SimpleNamespace) -> None:
    twins = [told(made, "2"), told(made, "42")]
    kept, dropped = sorted(twins, key=lambda found: "dropped" in found)
    assert "kept, in " in kept
    assert "dropped: duplicate" in dropped
    assert kept.splitlines()[0].removeprefix("document ") in dropped


def test_a_changed_document_shows_what_it_was(made: SimpleNamespace) -> None:
    assert "by unicode_form: 'cafe\u0301" in told(made, "43")


def test_a_file_that_never_became_a_document_has_a_story_too(made: SimpleNamespace) -> None:
    assert "dropped: nul_bytes" in told(made, "", "b.txt")


def test_the_first_digits_are_enough_where_they_mean_one(made: SimpleNamespace) -> None:
    whole = document_id("folder:mine", "a.txt", "1")
    assert explain(made.config, whole[:12], made.root, made.say) == told(made, "1")


@pytest.mark.parametrize("asked", ["0" * 32, "ffffffff"])
def test_an_unknown_id_is_refused_with_where_ids_are(made: SimpleNamespace, asked: str) -> None:
    with pytest.raises(DataError, match=r"no such document among 43[\s\S]*drops\.jsonl"):
        explain(made.config, asked, made.root, made.say)


def test_ids_shown_in_the_report_are_found(made: SimpleNamespace) -> None:
    for line in (made.root / "out/drops.jsonl").read_text().splitlines():
        row = json.loads(line)
        assert f"dropped: {row['reason']}" in explain(made.config, row["id"], made.root, made.say)


def test_a_near_repeat_names_who_stayed_for_it_and_how_near_it_is(corpus: Corpus) -> None:
    text = " ".join(f"word{number}" for number in range(100))
    others = [f"quite another text, number {number}, about other things" for number in range(8)]
    content = "\n".join([text, text.replace("word50", "other"), *others])
    made = corpus({"a.txt": content.encode()}, source={"format": "lines"}, cleaning={"near_dedup": NearDedupSettings()})
    clean(made.config, made.root / "out", made.root, made.say)
    kept, dropped = sorted((told(made, "1"), told(made, "2")), key=lambda found: "dropped: near_duplicate" in found)
    assert "dropped: near_duplicate" in dropped
    assert f"{kept.splitlines()[0].removeprefix('document ')}, kept: 91 of 101 shingles in common" in dropped
    assert "dropped too: 91 of 101 shingles in common" in kept
    page = (made.root / "out/report.html").read_text(encoding="utf-8")
    assert "Near-duplicates: 1 clusters" in page
    assert "2 documents: word0 word1" in page


def test_a_document_gives_the_terminal_no_command(corpus: Corpus, lines: bytes) -> None:
    made = corpus({"a.txt": lines + b"red \x1b[31malert\n"}, source={"format": "lines"}, cleaning={"whitespace": "keep"})
    clean(made.config, made.root / "out", made.root, made.say)
    found = told(made, "41")
    assert "\x1b" not in found
    assert "red \ufffd[31malert" in found


def test_a_kept_document_tells_what_is_done_to_its_words(corpus: Corpus, lines: bytes) -> None:
    made = corpus(
        {"a.txt": lines}, source={"format": "lines"}, cleaning={"linguistics": LinguisticSettings(segmentation=True, stemming=True)}
    )
    found = told(made, "2")
    assert "changed   by stemming.en: 'document number 1 says hello' became 'document number 1 say hello'" in found
