"""The page to label in: as bytes, and as a person uses it in Chromium."""

import json
import re
import time
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from browser import CHROMIUM, Page, browser

from assay.data.annotation.exporting import export_sample
from assay.data.annotation.importing import import_labels
from assay.data.annotation.labels import labels_file, read_labels

HOSTILE = (
    "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> "
    "<!-- <script> \u202egnol\u202c \u2066 & &lt; \\u003c"
)


def exported(made: SimpleNamespace, **words: object) -> Path:
    path: Path = made.folder / "sample.html"
    export_sample(made.ask(export=str(path), **words), made.root, made.say)
    return path


def test_the_page_asks_the_network_for_nothing_and_runs_its_own_script_alone(labelling) -> None:
    content = exported(labelling(), question="Is this <b>good</b>?").read_text(encoding="utf-8")
    assert "://" not in content
    assert re.search(r"default-src 'none'; script-src 'sha256-[^ ']{44}'; style-src 'sha256-[^ ']{44}'", unescape(content))
    assert "Is this &lt;b&gt;good&lt;/b&gt;?" in content


def test_what_a_document_holds_ends_no_element(labelling) -> None:
    made = labelling({"a.txt": f"{HOSTILE}\nsecond\nthird\n".encode()})
    content = exported(made).read_text(encoding="utf-8")
    assert content.count("<script") == content.count("</script") == 2
    task = json.loads(re.findall(r'<script type="application/json" id="task">(.*)</script>', content)[0])
    assert HOSTILE in [each["text"] for each in task["documents"]]


@pytest.fixture
def opened(labelling, tmp_path: Path):
    if CHROMIUM is None:
        pytest.skip("not run: Chromium is not installed (apt-get install chromium)")
    made = labelling({"a.txt": f"{HOSTILE}\n".encode() + b"".join(b"document %d says hello\n" % n for n in range(4))})
    path = exported(made, labels=["keep", "drop", "unsure"], question="Would you keep it?")
    with browser(tmp_path / "profile") as page:
        page.downloads_to(tmp_path)
        page.open(path)
        yield SimpleNamespace(made=made, path=path, page=page, folder=tmp_path)


def place_of(page: Page) -> str:
    return page.text("#place")


def saved(folder: Path, name: str) -> Path:
    end = time.monotonic() + 30
    while not (folder / name).exists():
        assert time.monotonic() < end, sorted(path.name for path in folder.iterdir())
        time.sleep(0.05)
    return folder / name


@pytest.mark.browser
def test_a_person_labels_by_keys_saves_and_what_was_saved_is_imported(opened) -> None:
    page = opened.page
    assert (page.text("#progress"), place_of(page), page.text("#question")) == ("0 of 5 labelled", "1 of 5", "Would you keep it?")
    shown = []
    for key in ("1", "2", "1"):
        shown.append(page.text("#text"))
        page.press(key)
    assert (page.text("#progress"), place_of(page)) == ("3 of 5 labelled", "4 of 5")
    page.press("ArrowLeft")
    assert page.text('#choices [aria-pressed="true"]').split() == ["1", "keep"]
    page.press("0", "3", "x", "9")
    page.value("document.getElementById('annotator').focus()")
    page.press("1", "s")  # a name is typed, nothing is labelled
    assert page.text("#progress") == "3 of 5 labelled"
    page.value("document.getElementById('save').click()")
    file = saved(opened.folder, "labels-mine-1s.jsonl")
    assert page.text("#saved").endswith("Then: python src/annotate.py data=mine import_labels=labels-mine-1s.jsonl")
    import_labels(opened.made.ask(import_labels=str(file), labels=["keep", "drop", "unsure"]), opened.made.root, opened.made.say)
    found = {label.text: label.label for label in read_labels(labels_file("mine", opened.made.root))}
    assert found == dict(zip(shown, ("keep", "drop", "unsure"), strict=True))
    assert {label.annotator for label in read_labels(labels_file("mine", opened.made.root))} == {"1s"}


@pytest.mark.browser
def test_a_hostile_document_is_text_and_labels_outlive_the_browser(opened) -> None:
    page = opened.page
    while "</script>" not in page.text("#text"):
        page.press("ArrowRight")
    assert page.text("#text") == HOSTILE
    assert page.value("document.title") == "Label documents of mine"
    assert page.value("document.querySelectorAll('img, iframe, link').length") == 0
    page.value("var tag = document.createElement('script'); tag.textContent = 'document.title = \"taken\"'; document.body.append(tag)")
    assert page.value("document.title") == "Label documents of mine", "the policy runs no script but the page's own"
    page.press("2")
    with browser(opened.folder / "another profile") as other:
        other.open(opened.path)
        assert other.text("#progress") == "0 of 5 labelled"
    page.open(opened.path)
    assert page.text("#progress") == "1 of 5 labelled"
