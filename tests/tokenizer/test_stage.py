import json
from dataclasses import replace
from pathlib import Path

import pyarrow as arrow
import pytest

from assay.config.schema import TokenizerConfig
from assay.data.cleaning.schema import CleaningSchema
from assay.data.schema import DataSchema, SourceSchema
from assay.data.shards import COLUMNS, write_documents
from assay.errors import DataError
from assay.files import write_manifest
from assay.tokenizer.schema import BpeSchema, CharSchema
from assay.tokenizer.stage import learn_tokenizer
from assay.tokenizer.tokenizer import Tokenizer

CONFIG = TokenizerConfig(
    data=DataSchema(name="mine", language="en", licence="MIT", sources=[SourceSchema(folder="mine")]),
    cleaning=CleaningSchema(),
    tokenizer=CharSchema(name="char", vocab_size=400),
)


@pytest.fixture
def clean_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "clean"
    folder.mkdir()
    for split, text in (("train", "abc abc abd"), ("val", "abc xyz"), ("test", "uvw")):
        columns = {**{name: ["1"] for name in COLUMNS}, "text": [text], "bytes": [len(text)]}
        write_documents(folder / f"{split}.parquet", [arrow.table(columns)])
    write_manifest(folder)
    return folder


def test_only_the_training_split_is_learned_from(clean_folder: Path, tmp_path: Path) -> None:
    learn_tokenizer(CONFIG, clean_folder, tmp_path / "out", lambda words: None)
    tokenizer = Tokenizer.load(tmp_path / "out")
    known = {tokenizer.token(token) for token in range(257, tokenizer.vocab_size)}
    assert known == set("abcd ")


def test_two_runs_write_the_same_bytes(clean_folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        learn_tokenizer(replace(CONFIG, tokenizer=BpeSchema(vocab_size=300)), clean_folder, tmp_path / name, lambda words: None)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert set(one) == {"tokenizer.json", "card.json", "CARD.md", "manifest.json"}


def test_a_smaller_vocabulary_is_said_and_carded(clean_folder: Path, tmp_path: Path) -> None:
    said: list[str] = []
    manifest = learn_tokenizer(CONFIG, clean_folder, tmp_path / "out", said.append)
    card = json.loads((tmp_path / "out/card.json").read_bytes())
    assert (manifest["vocab_size"], card["vocab_size"], card["vocab_size_asked"]) == (262, 262, 400)
    assert "262 tokens (400 asked for; the text gives no more)" in said[0]
    assert "262 tokens (400 asked for; the training text gives no more)" in (tmp_path / "out/CARD.md").read_text()


def test_altered_documents_are_refused(clean_folder: Path, tmp_path: Path) -> None:
    with (clean_folder / "train.parquet").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(DataError, match=r"train\.parquet was altered.*\n  Run: python src/clean\.py data=mine"):
        learn_tokenizer(CONFIG, clean_folder, tmp_path / "out", lambda words: None)


def test_an_altered_tokenizer_does_not_load(clean_folder: Path, tmp_path: Path) -> None:
    learn_tokenizer(CONFIG, clean_folder, tmp_path / "out", lambda words: None)
    path = tmp_path / "out/tokenizer.json"
    path.write_text(path.read_text().replace('"a"', '"A"'))
    with pytest.raises(DataError, match=r"tokenizer\.json was altered"):
        Tokenizer.load(tmp_path / "out")
