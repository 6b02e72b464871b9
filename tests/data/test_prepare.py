import json
import multiprocessing
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assay.config.schema import TokenizerConfig
from assay.data import prepare as module
from assay.data.clean import clean
from assay.data.collect import collect
from assay.data.encode import encode
from assay.data.prepare import Prepared, _repair, current, prepare
from assay.data.snapshot import DataMissingError
from assay.data.tokens import Tokens
from assay.errors import DataError
from assay.files import write_manifest
from assay.tokenizer.schema import CharSchema
from assay.tokenizer.stage import learn_tokenizer

Corpus = Callable[..., SimpleNamespace]


@pytest.fixture
def made(corpus: Corpus, lines: bytes) -> SimpleNamespace:
    return corpus({"a.txt": lines}, source={"format": "lines"})


def ready(made: SimpleNamespace, mode: Any = "auto") -> Prepared:
    return prepare(made.config, mode, made.root, made.say)


def pipeline(made: SimpleNamespace) -> None:
    """What `dvc repro` does."""
    data = made.root / "data"
    clean(made.config, data / "clean/mine", made.root, made.say)
    learn_tokenizer(made.config, data / "clean/mine", data / "tokenizer/mine-byte", made.say)
    encode(made.config, data / "clean/mine", data / "tokenizer/mine-byte", data / "tokens/mine-byte", made.root, made.say)


def test_missing_data_is_made_once_with_a_word_about_it(made: SimpleNamespace) -> None:
    assert current(made.config, made.root) is None
    first = ready(made)
    words = [line for line in made.said if line.startswith("preparing data")]
    assert [line.split(": ")[1].split(" (")[0] for line in words] == ["clean is missing", "tokenizer is missing", "tokens is missing"]
    said = len(made.said)
    assert ready(made) == first == current(made.config, made.root)
    assert len(made.said) == said
    assert first.tokens_folder.parent == made.root / "data/cache/tokens"


def test_never_names_the_command_and_makes_nothing(made: SimpleNamespace) -> None:
    with pytest.raises(
        DataMissingError, match=r"clean of this config is missing.*\n  Run: make data && dvc repro.*python src/clean\.py data=mine"
    ):
        ready(made, "never")
    assert not (made.root / "data/cache/clean").exists()


def test_never_without_the_copied_files_names_the_collecting(made: SimpleNamespace) -> None:
    shutil.rmtree(made.root / "data/local")
    with pytest.raises(DataMissingError, match=r"Run: python src/collect\.py mine"):
        ready(made, "never")


def test_the_pipelines_outputs_are_used_where_they_are_current(made: SimpleNamespace) -> None:
    pipeline(made)
    found = ready(made, "never")
    assert [
        folder.relative_to(made.root / "data").as_posix() for folder in (found.clean_folder, found.tokenizer_folder, found.tokens_folder)
    ] == [
        "clean/mine",
        "tokenizer/mine-byte",
        "tokens/mine-byte",
    ]


def test_another_cleaning_goes_to_the_cache_and_leaves_the_pipelines_outputs(made: SimpleNamespace) -> None:
    pipeline(made)
    before = ready(made)
    made.config = replace(made.config, cleaning=replace(made.config.cleaning, unicode_form="NFKC"))
    after = ready(made)
    assert "clean is stale (data/clean/mine was made before a change of the config)" in " ".join(made.said)
    assert after.clean_folder.parent == made.root / "data/cache/clean"
    # The texts are the same, so the tokens made from them stay current.
    assert after.tokens_folder == before.tokens_folder
    assert after.versions()["clean"] != before.versions()["clean"]


def test_an_edited_source_file_is_taken_over(made: SimpleNamespace) -> None:
    before = ready(made)
    with (made.root / "mine/a.txt").open("ab") as stream:
        stream.write(b"one more document that is new\n")
    after = ready(made)
    assert sum(facts["documents"] for facts in after.split_sizes().values()) == 41
    assert after.versions()["tokens"] != before.versions()["tokens"]


def test_a_folder_that_is_gone_leaves_its_copy_in_use(made: SimpleNamespace) -> None:
    before = ready(made)
    shutil.rmtree(made.root / "mine")
    assert ready(made) == before
    assert "is not on this machine; using the copy in data/local/mine" in made.said[-1]


@pytest.mark.fault("D4", inject="tokens of another tokenizer in the place of those that are asked for")
@pytest.mark.parametrize("mode", ["auto", "never"])
def test_tokens_of_another_tokenizer_are_never_read(made: SimpleNamespace, mode: str) -> None:
    pipeline(made)
    config, data = made.config, made.root / "data"
    made.config = replace(config, tokenizer=CharSchema(name="char"))
    other = ready(made)
    made.config = config
    shutil.rmtree(data / "tokens/mine-byte")
    shutil.copytree(other.tokens_folder, data / "tokens/mine-byte")
    if mode == "never":
        with pytest.raises(DataMissingError, match=r"tokens of this config is stale .*before a change of the data it is made from"):
            ready(made, "never")
    else:
        assert Tokens.open(ready(made).tokens_folder).tokenizer_sha256 != other.versions()["tokenizer"]


@pytest.mark.fault("D4", inject="the same, under a manifest that says they are the right ones")
def test_tokens_whose_manifest_lies_about_their_tokenizer_are_refused(made: SimpleNamespace) -> None:
    found = ready(made)
    path, manifest = found.tokens_folder / "header.json", found.manifests["tokens"]
    path.write_bytes(path.read_bytes().replace(found.versions()["tokenizer"].encode(), b"0" * 64))
    (found.tokens_folder / "manifest.json").unlink()
    write_manifest(found.tokens_folder, **{key: manifest[key] for key in ("stage", "corpus", "made_from", "fingerprint")})
    with pytest.raises(DataError, match=rf"encoded with another tokenizer: sha256 000000000000(?s:.*)Run: rm -r {found.tokens_folder}"):
        ready(made)


def test_data_that_is_made_anew_while_a_command_begins_stops_it(made: SimpleNamespace) -> None:
    found = ready(made)
    found.refuse_another()
    shutil.rmtree(found.tokens_folder)
    with pytest.raises(DataError, match="was made anew while this command began"):
        found.refuse_another()


@pytest.mark.parametrize("mode", ["auto", "never"])
def test_an_altered_copy_of_own_files_is_refused_and_collecting_repairs_it(made: SimpleNamespace, mode: str) -> None:
    pipeline(made)
    path = made.root / "data/local/mine/files/00-mine/a.txt"
    path.write_bytes(path.read_bytes().replace(b"hello", b"HELLO"))
    with pytest.raises(DataError, match=r"a\.txt was altered.*\n  Run: python src/collect\.py mine"):
        ready(made, mode)
    assert collect(made.config.data, made.root, made.say)
    assert b"HELLO" not in path.read_bytes()
    ready(made, "never")


@pytest.mark.parametrize("name", ["tokens_folder/train.bin", "tokens_folder/header.json", "tokenizer_folder/tokenizer.json"])
@pytest.mark.parametrize("where", ["cache", "pipeline"])
def test_one_changed_byte_is_refused_with_file_and_repair(made: SimpleNamespace, name: str, where: str) -> None:
    if where == "pipeline":
        pipeline(made)
    found = ready(made)
    folder, file = name.split("/")
    path: Path = getattr(found, folder) / file
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(bytes(content))
    repair = r"Run: python src/" if where == "pipeline" else f"Run: rm -r {path.parent}"
    with pytest.raises(DataError, match=f"{file} was altered.*\n  {repair}"):
        ready(made)


def test_a_repair_that_removes_a_folder_removes_no_other(tmp_path: Path) -> None:
    """Pasted into a shell without quotes it would take away `my` and `project`."""
    stage: Any = SimpleNamespace(home=tmp_path, command="encode.py")
    assert _repair(stage, Path("my project/data")) == "rm -r 'my project/data'   and this command again"


def test_an_altered_download_is_refused_though_the_tokens_are_current(made: SimpleNamespace) -> None:
    """Otherwise a training would name a source that its data no longer come from."""
    root, data = made.root, made.config.data
    source = replace(data.sources[0], folder=None, url="http://host/a.txt", sha256="8" * 64)
    made.config = replace(made.config, data=replace(data, sources=[source]))
    (root / "data/local/mine/a.txt").write_bytes(b"altered")
    with pytest.raises(
        DataError, match=r"expected the file of http://host/a\.txt with sha256 888888888888\.\.\., found a\.txt.*\n  Run: make data"
    ):
        ready(made)


def test_half_a_manifest_is_as_good_as_none(made: SimpleNamespace) -> None:
    found = ready(made)
    path = found.tokens_folder / "manifest.json"
    path.write_bytes(path.read_bytes()[:20])
    assert ready(made) == found


def _prepare_and_count(config: TokenizerConfig, root: Path, queue: Any) -> None:
    said: list[str] = []
    prepare(config, "auto", root, said.append)
    queue.put(sum("making it in" in line for line in said))


def test_two_processes_at_once_make_it_once(made: SimpleNamespace) -> None:
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    processes = [context.Process(target=_prepare_and_count, args=(made.config, made.root, queue)) for _ in range(2)]
    for process in processes:
        process.start()
    made_by_each = [queue.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    assert sum(made_by_each) == 3
    assert current(made.config, made.root) is not None


def test_finding_current_data_is_quick(made: SimpleNamespace) -> None:
    ready(made)
    started = time.process_time()
    ready(made)
    assert time.process_time() - started < 0.3


def test_versions_are_hashes_of_content(made: SimpleNamespace) -> None:
    found = ready(made)
    versions = found.versions()
    assert versions["tokenizer"] == Tokens.open(found.tokens_folder).tokenizer_sha256
    assert versions["tokens"] == json.loads((found.tokens_folder / "manifest.json").read_bytes())["content_sha256"]
    assert found.vocab_size() == 257
    assert module.HEADER_FILE in found.manifests["tokens"]["files"]


def test_finding_all_in_never_mode_prints_nothing(made: SimpleNamespace) -> None:
    pipeline(made)
    said = len(made.said)
    ready(made, "never")
    assert len(made.said) == said
