from collections.abc import Callable
from html.parser import HTMLParser
from types import SimpleNamespace

from assay.data.clean import REPORT_FILE, clean

Corpus = Callable[..., SimpleNamespace]
HOSTILE = "<script>alert(1)</script> & <div class=bar>"


class Tags(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def report(made: SimpleNamespace) -> Tags:
    clean(made.config, made.root / "out", made.root, made.say)
    return Tags((made.root / "out" / REPORT_FILE).read_text(encoding="utf-8"))


def test_the_page_shows_counts_reasons_samples_and_changes(corpus: Corpus, lines: bytes) -> None:
    extra = "x\ndocument number 1 says hello\ncafe\u0301 au lait avec du lait\n".encode()
    found = report(corpus({"a.txt": lines + extra, "b.txt": b"\0"}, source={"format": "lines"}, cleaning={"min_characters": 5}))
    assert "41 of 44 documents kept, 3 dropped" in found.text
    for reason in ("too_short: 1", "duplicate: 1", "nul_bytes: 1"):
        assert reason in found.text
    assert "unicode_form: 1 changed, 1 characters fewer" in found.text
    assert "folder:mine: *" in found.text
    assert "16 to 31" in found.text  # lengths
    assert "Texts that occurred most often" in found.text


def test_what_is_not_there_has_no_heading_and_the_story_names_the_corpus(corpus: Corpus, lines: bytes) -> None:
    found = report(corpus({"a.txt": lines}, source={"format": "lines"}))
    assert "Texts that occurred most often" not in found.text
    assert "python src/clean.py data=mine why=ID" in found.text


def test_a_document_is_shown_as_text_never_as_markup(corpus: Corpus, lines: bytes) -> None:
    content = lines + (f"{HOSTILE}\n" * 3).encode() + f"{HOSTILE[:8]}\n".encode()
    found = report(corpus({"a.txt": content}, source={"format": "lines"}, cleaning={"min_characters": 10}))
    assert HOSTILE in found.text
    assert not {"script", "img", "link", "iframe"} & set(found.tags)


def test_the_page_asks_the_network_for_nothing(corpus: Corpus, lines: bytes) -> None:
    made = corpus({"a.txt": lines}, source={"format": "lines"})
    report(made)
    assert "://" not in (made.root / "out" / REPORT_FILE).read_text(encoding="utf-8")
