"""A text that was encoded before keeps its tokens, and nobody can tell from the bytes."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data import encode as stage
from assay.data import encoded as module
from assay.data.batch import TextBatch
from assay.data.clean import clean
from assay.data.collect import collect
from assay.data.encode import encode
from assay.data.encoded import UNKNOWN, Encoded, keep
from assay.data.prune import prune
from assay.data.schema import SourceSchema
from assay.tokenizer.schema import BpeSchema, PretrainedSchema, WordPieceSchema
from assay.tokenizer.stage import learn_tokenizer
from assay.tokenizer.tokenizer import Tokenizer

Corpus = Callable[..., SimpleNamespace]


class Project:
    """One corpus with one tokenizer, encoded again and again. `encoded`: the texts that the tokenizer was given the last time."""

    def __init__(self, made: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made, self.encoded = made, list[str]()
        self.clean()
        learn_tokenizer(made.config, self.root / "data/clean/mine", self.tokenizer, made.say)
        real = Tokenizer.encode_texts

        def noted(tokenizer: Tokenizer, batch: TextBatch, end_of_document: bool = False) -> Any:
            self.encoded += batch.texts()
            return real(tokenizer, batch, end_of_document)

        monkeypatch.setattr(Tokenizer, "encode_texts", noted)

    @property
    def root(self) -> Path:
        return Path(self.made.root)

    @property
    def tokenizer(self) -> Path:
        return self.root / f"data/tokenizer/mine-{self.made.config.tokenizer.name}"

    @property
    def store(self) -> Path:
        [found] = self.root.glob("data/cache/encoded/[0-9a-f]*/")
        return found

    def clean(self, data: dict[str, Any] | None = None, **cleaning: Any) -> None:
        config = self.made.config
        config = replace(config, data=replace(config.data, **(data or {})), cleaning=replace(config.cleaning, **cleaning))
        collect(config.data, self.root, self.made.say)
        clean(config, self.root / "data/clean/mine", self.root, self.made.say)
        self.made.config = config

    def encode(self, root: Path | None = None) -> dict[str, bytes]:
        """The files, by name."""
        self.encoded.clear()
        target = self.root / "out"
        encode(self.made.config, self.root / "data/clean/mine", self.tokenizer, target, root or self.root, self.made.say)
        return {path.name: path.read_bytes() for path in target.iterdir()}

    def from_nothing(self) -> dict[str, bytes]:
        shutil.rmtree(self.root / "nothing", ignore_errors=True)
        return self.encode(self.root / "nothing")


@pytest.fixture
def project(corpus: Corpus, lines: bytes, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Project:
    """Forty documents: one digit of them has 28 characters, two have 29."""
    made = corpus({"a.txt": lines + "中文 <|endoftext|> 文字文字文字文字文\n".encode()}, source={"format": "lines"})
    if tokenizer := getattr(request, "param", None):
        made.config = replace(made.config, tokenizer=tokenizer)
    return Project(made, monkeypatch)


KINDS = [None, BpeSchema(name="bpe", vocab_size=270), WordPieceSchema(name="wordpiece", vocab_size=100)]


@pytest.mark.parametrize("project", KINDS, indirect=True)
def test_a_threshold_moved_up_and_down_encodes_what_came_back_alone(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.encode()
    assert len(project.encoded) == 41
    project.clean(min_characters=29)
    stricter = project.encode()
    assert project.encoded == []
    assert "encoded 0 of 30 documents, 30 kept their tokens" in project.made.said[-1]
    assert stricter == project.from_nothing()
    project.clean(min_characters=1)
    looser = project.encode()
    assert sorted(project.encoded) == sorted(
        [*(f"document number {number} says hello" for number in range(10)), "中文 <|endoftext|> 文字文字文字文字文"]
    )
    assert "encoded 11 of 41 documents, 30 kept their tokens" in project.made.said[-1]
    monkeypatch.setattr(stage, "PART_BYTES", 50)
    assert looser == project.from_nothing()
    assert len(project.encoded) == 41
    assert "kept" not in project.made.said[-1]


def test_workers_that_encode_the_rest_give_the_bytes_of_one_that_encodes_all(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.clean(min_characters=29)
    project.encode()
    project.clean(min_characters=1)
    alone = project.from_nothing()
    monkeypatch.setattr(stage, "POOL_FROM_BYTES", 1)
    project.clean({"workers": 2})
    assert project.encode() == alone
    assert project.encoded == []  # here; the processes had something to do
    assert "encoded 11 of 41 documents, 30 kept their tokens" in project.made.said[-1]


def test_of_a_source_that_is_added_all_is_encoded_and_of_the_others_nothing(project: Project) -> None:
    project.encode()
    (project.root / "more").mkdir()
    (project.root / "more/b.txt").write_text("".join(f"another text, the number {number}\n" for number in range(9)))
    own = project.made.config.data.sources
    project.clean({"sources": [SourceSchema(folder="more", format="lines"), *own]})
    assert project.encode() == project.from_nothing()
    project.clean({"sources": own})
    project.encode()
    project.clean({"sources": [*own, SourceSchema(folder="more", format="lines")]})
    project.encode()
    assert sorted(project.encoded) == [f"another text, the number {number}" for number in range(9)]


def test_texts_keep_their_tokens_in_another_split_and_under_another_name(project: Project) -> None:
    project.encode()
    (project.root / "mine/a.txt").rename(project.root / "mine/renamed.txt")
    project.clean({"validation_fraction": 0.4, "test_fraction": 0.3})
    again = project.encode()
    assert project.encoded == []
    assert again == project.from_nothing()


def test_repeated_texts_keep_their_tokens(project: Project) -> None:
    (project.root / "mine/b.txt").write_text("twice\ntwice\n")
    project.clean(exact_dedup=False)
    first = project.encode()
    assert (project.encode(), project.encoded) == (first, [])


def test_a_vocabulary_learned_anew_keeps_tokens_where_it_comes_out_the_same(project: Project) -> None:
    project.encode()
    project.clean(min_characters=29)
    learn_tokenizer(project.made.config, project.root / "data/clean/mine", project.tokenizer, project.made.say)
    project.encode()
    assert project.encoded == [], "bytes are what they were"
    for size in (270, 265):
        project.made.config = replace(project.made.config, tokenizer=BpeSchema(name="bpe", vocab_size=size))
        learn_tokenizer(project.made.config, project.root / "data/clean/mine", project.tokenizer, project.made.say)
        project.encode()
        assert len(project.encoded) == 30, "its ids mean something else"


@pytest.mark.parametrize("project", KINDS[1:2], indirect=True)
def test_a_vocabulary_that_is_held_fixed_keeps_tokens_whatever_the_training_split_is(project: Project) -> None:
    learned = project.root / "learned"
    project.tokenizer.rename(learned)
    project.made.config = replace(project.made.config, tokenizer=PretrainedSchema(name="pretrained", path=str(learned)))
    for expected in (41, 0):
        learn_tokenizer(project.made.config, project.root / "data/clean/mine", project.tokenizer, project.made.say)
        project.encode()
        assert len(project.encoded) == expected
        project.clean(min_characters=29)


@pytest.mark.fault("D3", inject="one byte changed in each file of the tokens that texts would keep, one file cut, one gone")
@pytest.mark.parametrize("how", ["flipped", "cut", "gone"])
@pytest.mark.parametrize("name", ["train.bin", "val.ends", "texts.high", "texts.low", "texts.number", "manifest.json"])
def test_kept_tokens_that_were_altered_are_noticed_and_encoded_again(name: str, how: str, project: Project) -> None:
    first = project.encode()
    path = project.store / name
    content = bytearray(path.read_bytes())
    path.unlink()  # another file than that of the tokens themselves
    if how == "flipped":
        content[len(content) // 2] ^= 1
    if how != "gone":
        path.write_bytes(content[: len(content) // 2 if how == "cut" else None])
    assert project.encode() == first
    assert len(project.encoded) == 41
    if (name, how) != ("manifest.json", "gone"):
        assert "stored tokens can't be used, so all is encoded again: " in project.made.said[-2]
    project.encode()
    assert project.encoded == []


@pytest.mark.fault("D1", inject="a stop while kept tokens are written, half of them there")
def test_a_stop_while_tokens_are_stored_leaves_the_former_ones(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.encode()
    before = {path.name: path.read_bytes() for path in project.store.iterdir()}
    project.clean(min_characters=29)
    with monkeypatch.context() as patch:
        patch.setattr(module, "write_manifest", lambda *words, **facts: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            project.encode()
    assert {path.name: path.read_bytes() for path in project.store.iterdir()} == before
    assert project.encode() == project.from_nothing()


def test_tokens_are_stored_once_where_the_file_system_has_links_and_else_copied(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.encode()
    assert (project.root / "out/train.bin").samefile(project.store / "train.bin")
    monkeypatch.setattr(os, "link", lambda *words: (_ for _ in ()).throw(PermissionError))
    first = project.encode()
    assert not (project.root / "out/train.bin").samefile(project.store / "train.bin")
    assert (project.encode(), project.encoded) == (first, [])


def test_kept_tokens_stay_while_conf_asks_for_them(project: Project) -> None:
    project.encode()
    store = project.store
    prune([project.made.config], True, project.root, project.made.say)
    assert store.is_dir()
    prune([replace(project.made.config, tokenizer=KINDS[1])], True, project.root, project.made.say)
    assert not store.exists()
    assert any("tokens of the texts of mine, by a tokenizer or code of the past" in line for line in project.made.said)
    project.encode()
    assert len(project.encoded) == 41


Texts = some.lists(some.lists(some.integers(1, 9), min_size=1, max_size=4), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(Texts, Texts, Texts, Texts, some.integers(1, 2**64 - 1))
def test_any_documents_come_out_as_they_would_encoded(
    tmp_path_factory: pytest.TempPathFactory, train: Any, val: Any, test: Any, wanted: Any, factor: int
) -> None:
    """A document is its own text: a few tokens, of which its hash is made."""

    def hashes(texts: list[list[int]]) -> Any:
        pairs = [[(number := int("".join(map(str, text)))) * (factor | 1) % 2**64, number] for text in texts]
        return np.array(pairs, dtype=np.uint64).reshape(-1, 2)

    folder = tmp_path_factory.mktemp("tokens")
    for name, texts in (("train", train), ("val", val), ("test", test)):
        np.concatenate(texts).astype("<u2").tofile(folder / f"{name}.bin")
        np.cumsum([len(text) for text in texts]).astype("<u8").tofile(folder / f"{name}.ends")
    keep(folder / "store", folder, hashes([*train, *val, *test]))
    known = Encoded.open(folder / "store", np.dtype("<u2"), pytest.fail)
    numbers = known.find(hashes(wanted))
    assert (numbers == UNKNOWN).tolist() == [text not in (*train, *val, *test) for text in wanted]
    new = [text for text, number in zip(wanted, numbers, strict=True) if number == UNKNOWN]
    given_tokens = np.array([token for text in new for token in text], dtype="<u2")
    tokens, ends = known.joined(numbers, given_tokens, np.cumsum([len(text) for text in new], dtype=np.int64))
    assert tokens.tolist() == [token for text in wanted for token in text]
    assert ends.tolist() == np.cumsum([len(text) for text in wanted]).tolist()
