import json
import re
import time
from collections.abc import Callable
from html.parser import HTMLParser
from types import SimpleNamespace

import pyarrow.parquet as parquet
import pytest

from assay.data.batch import TextBatch
from assay.data.clean import REPORT_FILE, clean
from assay.data.document import text_hash
from assay.data.linguistics.settings import LinguisticSettings
from assay.data.linguistics.view import View

Corpus = Callable[..., SimpleNamespace]
ALL = LinguisticSettings(spelling=True, punctuation="normalise", segmentation=True, pos_tags=True, stop_words="remove", stemming=True)
ENGLISH = "They beleived that the dogs were running home !!"
CHINESE = "这两本书简直是一摸一样,真的不错!!"
GERMAN = "Das ist nicht die Frage, die wir uns gestellt haben, und das wissen sie auch, wie man sieht."


def test_the_steps_are_done_in_one_order_and_each_that_changes_a_text_is_told() -> None:
    assert list(View(ALL, "en").steps(ENGLISH, "en")) == [
        ("spelling", "They believed that the dogs were running home !!"),
        ("punctuation", "They believed that the dogs were running home!"),
        ("segmentation", "They believed that the dogs were running home !"),
        ("pos_tags", "They/PRP believed/VBD that/IN the/DT dogs/NNS were/VBD running/VBG home/RB !/."),
        ("stop_words", "believed/VBD dogs/NNS running/VBG !/."),
        ("stemming", "believ/VBD dog/NNS run/VBG !/."),
    ]
    assert list(View(ALL, "zh").steps(CHINESE, "zh")) == [
        ("spelling", "这两本书简直是一模一样,真的不错!!"),
        ("punctuation", "这两本书简直是一模一样，真的不错！"),
        ("segmentation", "这 两本书 简直 是 一模一样 ， 真的 不错 ！"),
        ("pos_tags", "这/r 两本书/n 简直/d 是/v 一模一样/l ，/x 真的/d 不错/a ！/x"),
        ("stop_words", "两本书/n 简直/d 一模一样/l 真的/d 不错/a"),
    ]


@pytest.mark.parametrize(
    ("settings", "english", "chinese"),
    [
        ({}, ENGLISH, CHINESE),
        ({"stop_words": "remove"}, "beleived dogs running !!", "两本书简直一摸,真的不错!!"),
        ({"punctuation": "remove"}, "They beleived that the dogs were running home", "这两本书简直是一摸一样 真的不错"),
        ({"stemming": True}, "they beleiv that the dog were run home !!", CHINESE),
    ],
)
def test_a_step_alone_leaves_all_else_as_it_stands(settings: dict[str, str], english: str, chinese: str) -> None:
    view = View(LinguisticSettings(**settings), "en")
    assert (view.text(ENGLISH, "en"), view.text(CHINESE, "zh")) == (english, chinese)


def test_each_document_of_a_corpus_is_taken_in_its_own_language() -> None:
    short = ["obama under fire", "7-year-old puts on uno face", "U.S. weighs bigger role in war in yemen"]
    assert View(ALL, "en").languages(TextBatch.of([ENGLISH, CHINESE, GERMAN, *short])) == ["en", "zh", "de", "en", "en", "en"]
    assert View(ALL, "zh").languages(TextBatch.of(["3.5", "下次一定不會入住該店了。"])) == ["zh", "zh-Hant"]
    assert View(ALL, "code").languages(TextBatch.of(["x"])) == ["code"]


def test_a_document_in_a_language_without_rules_stays() -> None:
    assert list(View(ALL, "en").steps(GERMAN, "de")) == []


def test_idioms_of_traditional_text_are_not_given_simplified_characters() -> None:
    assert View(LinguisticSettings(spelling=True), "zh").text("平心而論，不錯", "zh-Hant") == "平心而論，不錯"


def test_a_text_of_nothing_but_stop_words_or_marks_keeps_them() -> None:
    assert View(LinguisticSettings(stop_words="remove", stemming=True), "en").text("the which of", "en") == "the which of"
    assert View(LinguisticSettings(punctuation="remove"), "en").text("?!", "en") == "?!"


class Text(HTMLParser):
    def __init__(self, content: str) -> None:
        super().__init__()
        self.words = ""
        self.feed(content)

    def handle_data(self, data: str) -> None:
        self.words += data


def made(corpus: Corpus, **cleaning: object) -> tuple[SimpleNamespace, dict[str, list[tuple[str, str, str]]]]:
    """A corpus of both languages, cleaned; the rows of each split."""
    lines = [f"They said number {count} which the dogs were running to !!" for count in range(30)]
    lines += [f"这本书的第{count}章内容不错,真的!!" for count in range(30)]
    found = corpus({"a.txt": "\n".join(lines).encode()}, source={"format": "lines"}, cleaning=cleaning)
    clean(found.config, found.root / "out", found.root, found.say)
    columns = ["id", "text", "text_hash"]
    tables = {
        split: parquet.read_table(found.root / f"out/{split}.parquet", columns=columns).to_pydict() for split in ("train", "val", "test")
    }
    return found, {split: list(zip(*table.values(), strict=True)) for split, table in tables.items()}


def test_cleaning_keeps_and_splits_the_same_documents_whatever_is_done_to_their_words(corpus: Corpus) -> None:
    _, plain = made(corpus)
    found, viewed = made(corpus, linguistics=ALL)
    assert {split: [row[0] for row in rows] for split, rows in viewed.items()} == {
        split: [row[0] for row in rows] for split, rows in plain.items()
    }
    texts = [text for rows in viewed.values() for _, text, _ in rows]
    assert len(list((found.root / "data/cache/measured").glob("*/outcome.json"))) == 1  # nothing was read again
    assert "dog/NNS" in next(text for text in texts if "dog" in text)
    assert any("内容/n 不错/a" in text for text in texts)
    assert all(digest == text_hash(text) for rows in viewed.values() for _, text, digest in rows)
    changed = json.loads((found.root / "out/card.json").read_bytes())["changed_by_step"]
    steps = ("pos_tags", "punctuation", "segmentation", "stop_words")
    assert {step: changed[step] for step in changed} == {f"{step}.{name}": 30 for step in steps for name in ("en", "zh")} | {
        "stemming.en": 30
    }


def test_the_report_shows_each_step_before_and_after_in_each_language(corpus: Corpus) -> None:
    found, _ = made(corpus, linguistics=ALL)
    shown = Text((found.root / "out" / REPORT_FILE).read_text(encoding="utf-8")).words
    for step in ("segmentation.zh: 30 changed", "stop_words.zh: 30 changed", "pos_tags.en: 30 changed", "stemming.en: 30 changed"):
        assert step in shown
    assert "章 内容 不错 ， 真的 ！" in shown
    assert re.search(r"pos_tags\.zh: 30 changed, \d+ characters more", shown)
    assert "dog/NNS run/VBG !/." in shown


def test_the_documents_are_the_same_bytes_from_any_number_of_processes(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = made(corpus, linguistics=ALL)
    first = {path.name: path.read_bytes() for path in (found.root / "out").iterdir()}
    monkeypatch.setattr("assay.data.pool.POOL_FROM_BYTES", 1)
    again = corpus({}, source={"format": "lines"}, data={"workers": 2}, cleaning={"linguistics": ALL}, root=found.root)
    clean(again.config, again.root / "out", again.root, again.say)
    assert {path.name: path.read_bytes() for path in (found.root / "out").iterdir()} == first


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("piece", ["(", "'s", "a.", "! ", "$1,0", "一", "一摸一样", "我,", "…", "我 ", "a我", "\n"])
def test_no_text_takes_more_than_linear_time(language: str, piece: str) -> None:
    view = View(ALL, language)
    view.text(f"{ENGLISH} {CHINESE}", language)  # what is loaded once
    before = time.process_time()
    view.text(("x " if piece.isspace() else "") + piece * (20_000 // len(piece)), language)
    assert time.process_time() - before < 2
