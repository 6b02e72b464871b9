import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from assay.data import encode as module
from assay.data.clean import clean
from assay.data.encode import encode
from assay.data.schema import SourceSchema
from assay.data.shards import read_texts
from assay.data.tokens import Tokens
from assay.errors import DataError
from assay.tokenizer.lost import Lost
from assay.tokenizer.schema import BpeSchema, WordPieceSchema
from assay.tokenizer.stage import learn_tokenizer
from assay.tokenizer.tokenizer import Tokenizer

Corpus = Callable[..., SimpleNamespace]


def prepared(made: SimpleNamespace, name: str = "tokens") -> Path:
    root = made.root
    clean(made.config, root / "clean", root, made.say)
    learn_tokenizer(made.config, root / "clean", root / "tokenizer", made.say)
    encode(made.config, root / "clean", root / "tokenizer", root / name, root / f"{name}-cache", made.say)
    return Path(root / name)


@pytest.fixture
def made(corpus: Corpus, lines: bytes) -> SimpleNamespace:
    return corpus({"a.txt": lines + "中文 <|endoftext|> 文字文字\n".encode()}, source={"format": "lines"})


@pytest.mark.fault("D7", inject="a document that holds <|endoftext|>, from its file to token files")
@pytest.mark.parametrize("tokenizer", [None, BpeSchema(name="bpe", vocab_size=270)])
def test_each_document_lies_in_id_order_before_its_end_token(made: SimpleNamespace, tokenizer: BpeSchema | None) -> None:
    if tokenizer:
        made.config = replace(made.config, tokenizer=tokenizer)
    folder = prepared(made)
    tokens, vocabulary = Tokens.open(folder), Tokenizer.load(made.root / "tokenizer")
    for split in ("train", "val", "test"):
        found = tokens.split(split)
        texts = list(read_texts(made.root / "clean", split))
        assert tokens.ids(split) == [name for name, _ in texts]
        starts = [0, *found.ends[:-1].tolist()]
        for (_, text), start, end in zip(texts, starts, found.ends.tolist(), strict=True):
            assert vocabulary.decode(found.tokens[start : end - 1].tolist()) == text
            assert found.tokens[end - 1] == tokens.end_of_document
        assert int((found.tokens == tokens.end_of_document).sum()) == len(texts)
        assert found.text_tokens == len(found.tokens) - len(texts)
        assert found.utf8_bytes == sum(len(text.encode()) for _, text in texts)
    assert found.tokens.dtype == np.dtype("<u2")


def test_a_token_is_traced_to_its_document(made: SimpleNamespace) -> None:
    tokens = Tokens.open(prepared(made))
    ends = tokens.split("train").ends.tolist()
    ids = tokens.ids("train")
    assert [tokens.document_at("train", place) for place in (0, ends[0] - 1, ends[0], ends[-1] - 1)] == [ids[0], ids[0], ids[1], ids[-1]]


def test_batches_do_not_show_in_the_bytes(made: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = prepared(made)
    monkeypatch.setattr(module, "PART_BYTES", 50)
    pieces = prepared(made, "pieces")
    assert (whole / "manifest.json").read_bytes() == (pieces / "manifest.json").read_bytes()


@pytest.mark.parametrize("tokenizer", [None, BpeSchema(name="bpe", vocab_size=270)])
def test_processes_do_not_show_in_the_bytes(made: SimpleNamespace, tokenizer: BpeSchema | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if tokenizer:
        made.config = replace(made.config, tokenizer=tokenizer)
    alone = prepared(made)
    monkeypatch.setattr(module, "POOL_FROM_BYTES", 1)
    made.config = replace(made.config, data=replace(made.config.data, workers=2))
    shared = prepared(made, "shared")
    assert (alone / "manifest.json").read_bytes() == (shared / "manifest.json").read_bytes()


def test_a_wide_vocabulary_takes_four_bytes(made: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NARROW_VOCABULARY", 256)
    tokens = Tokens.open(prepared(made))
    assert tokens.split("val").tokens.dtype == np.dtype("<u4")
    assert int(tokens.split("val").tokens.max()) == 256


def test_an_altered_tokenizer_stops_it_and_names_the_repair(made: SimpleNamespace) -> None:
    prepared(made)
    with (made.root / "tokenizer/tokenizer.json").open("ab") as stream:
        stream.write(b" ")
    with pytest.raises(DataError, match=r"tokenizer\.json was altered.*\n  Run: python src/learn_tokenizer\.py data=mine tokenizer=byte"):
        encode(made.config, made.root / "clean", made.root / "tokenizer", made.root / "again", made.root, made.say)
    assert not (made.root / "again").exists()


def test_missing_documents_name_the_command_that_makes_them(made: SimpleNamespace) -> None:
    with pytest.raises(DataError, match=r"clean is missing.*\n  Run: python src/clean\.py data=mine"):
        encode(made.config, made.root / "clean", made.root / "tokenizer", made.root / "again", made.root, made.say)


def test_a_split_without_a_token_to_predict_is_refused(made: SimpleNamespace) -> None:
    facts = {"documents": 1, "tokens": 2}
    module._refuse_too_few({"train": facts, "val": facts, "test": facts}, "mine")
    with pytest.raises(DataError, match="val 1 documents, 1 tokens"):
        module._refuse_too_few({"train": facts, "val": {"documents": 1, "tokens": 1}, "test": facts}, "mine")


def test_the_header_counts_what_the_files_hold(made: SimpleNamespace) -> None:
    folder = prepared(made)
    header = json.loads((folder / "header.json").read_bytes())
    for split, facts in header["splits"].items():
        assert (folder / f"{split}.bin").stat().st_size == 2 * facts["tokens"]
        assert (folder / f"{split}.ends").stat().st_size == 8 * facts["documents"]
    assert sum(facts["documents"] for facts in header["splits"].values()) == 41
    assert header["tokenizer_sha256"] == Tokenizer.load(made.root / "tokenizer").sha256


def two_sources(corpus: Corpus, lines: bytes) -> SimpleNamespace:
    sources = [SourceSchema(folder=f"mine/{name}", format="lines", name=name) for name in ("english", "chinese")]
    chinese = "".join(f"第{number}行中文文字\n" for number in range(20)).encode()
    return corpus({"english/a.txt": lines, "chinese/a.txt": chinese}, data={"sources": sources})


def test_of_several_sources_each_document_is_known_to_be_of_its_own(corpus: Corpus, lines: bytes) -> None:
    made = two_sources(corpus, lines)
    folder = prepared(made)
    tokens = Tokens.open(folder)
    assert tokens.source_names == ["english", "chinese"]
    for split in ("train", "val", "test"):
        owners, found = tokens.owners(split), tokens.split(split)
        texts = dict(read_texts(made.root / "clean", split))
        assert owners.tolist() == [int("中文" in texts[name]) for name in tokens.ids(split)]
        lengths = np.diff(found.ends.astype(np.int64), prepend=0)
        assert tokens.counted(split, "tokens") == [int(lengths[owners == owner].sum()) for owner in (0, 1)]
        assert tokens.counted(split, "documents") == [int((owners == owner).sum()) for owner in (0, 1)]
        assert sum(tokens.counted(split, "utf8_bytes")) == found.utf8_bytes
        assert sum(tokens.counted(split, "tokens")) == len(found.tokens)


def test_weights_change_no_byte_of_documents_or_tokens(corpus: Corpus, lines: bytes) -> None:
    made = two_sources(corpus, lines)
    plain = prepared(made)
    heavy = [replace(source, weight=weight) for source, weight in zip(made.config.data.sources, (1.0, 9.0), strict=True)]
    made.config = replace(made.config, data=replace(made.config.data, sources=heavy))
    weighed = prepared(made, "weighed")
    assert (plain / "manifest.json").read_bytes() == (weighed / "manifest.json").read_bytes()


def test_a_corpus_of_one_source_says_nothing_of_sources(made: SimpleNamespace) -> None:
    folder = prepared(made)
    tokens = Tokens.open(folder)
    assert (tokens.source_names, tokens.counted("val", "tokens"), set(tokens.owners("val"))) == ([], [], {0})
    assert not list(folder.glob("*.sources")) + list((made.root / "clean").glob("*.sources"))


def test_what_the_tokens_of_a_scored_split_lose_is_counted_for_it_and_for_each_source(corpus: Corpus) -> None:
    sources = [SourceSchema(folder=f"mine/{name}", format="lines", name=name) for name in ("english", "spaced")]
    english, spaced = ("".join(f"{between.join(['hello'] * n)}\n" for n in range(2, 32)).encode() for between in (" ", "  "))
    made = corpus({"english/a.txt": english, "spaced/a.txt": spaced}, data={"sources": sources})
    made.config = replace(made.config, tokenizer=WordPieceSchema(name="wordpiece", vocab_size=200, lowercase=False))
    tokens = Tokens.open(prepared(made))
    for split in ("val", "test"):
        texts = [text for _, text in read_texts(made.root / "clean", split) if "  " in text]
        lost = Lost(len(texts), sum(len(text.encode()) for text in texts), 0)
        assert tokens.split(split).lost == lost
        assert tokens.lost_by_source(split) == [Lost(), lost]
    assert [line for line in made.said if line.startswith("val: ") and "no bits per byte" in line]


def test_of_text_that_comes_back_whole_nothing_is_said(made: SimpleNamespace) -> None:
    tokens = Tokens.open(prepared(made))
    assert (tokens.split("val").lost, tokens.split("test").lost) == (Lost(), Lost())
    assert not [line for line in made.said if "bits per byte" in line]
