"""What of data/cache is listed, what is removed, and what never."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assay.data import prune as module
from assay.data.clean import clean
from assay.data.cleaning.schema import C4Rules, CleaningSchema, GopherRules, RuleSet
from assay.data.near.settings import NearDedupSettings
from assay.data.places import outside_guard
from assay.data.prune import prune
from assay.errors import MachineError
from assay.files import in_use

Corpus = Callable[..., SimpleNamespace]
RICH = CleaningSchema(
    name="rich",
    languages=["en"],
    near_dedup=NearDedupSettings(),
    rules=[RuleSet(gopher=GopherRules(min_words=1), c4=C4Rules(min_sentences=None))],
)


@pytest.fixture
def made(corpus: Corpus) -> SimpleNamespace:
    prose = "\n".join(f"The number {number} is one that I have seen in the book with {number * 7} pages." for number in range(60))
    return corpus({"a.txt": prose.encode()}, source={"format": "lines"})


def stored(made: SimpleNamespace) -> set[str]:
    return {path.name for path in (made.root / "data/cache/measured").glob("*/")}


def cleaned(made: SimpleNamespace, target: str = "out", **recipe: Any) -> set[str]:
    """Clean with another recipe than the corpus's own; the folders that were made for it."""
    before = stored(made)
    config = replace(made.config, cleaning=replace(made.config.cleaning, **recipe))
    clean(config, made.root / target, made.root, made.say)
    return stored(made) - before


def pruned(made: SimpleNamespace, *configs: Any, remove: bool = True) -> int:
    made.said.clear()
    return prune(configs, remove, made.root, made.say)


def test_what_nothing_asks_for_is_listed_with_its_size_and_goes_when_told(made: SimpleNamespace) -> None:
    mine, others = cleaned(made), cleaned(made, unicode_form="NFKC")
    size_bytes = sum(path.stat().st_size for name in others for path in (made.root / "data/cache/measured" / name).iterdir())
    assert pruned(made, made.config, remove=False) == size_bytes
    assert stored(made) == mine | others
    assert [line.split("MB  ")[1] for line in made.said[:-1]] == [
        f"data/cache/measured/{name}  documents of folder:mine, as another recipe or other code read them" for name in others
    ]
    assert "Nothing was removed; to remove it: python src/prune.py remove" in made.said[-1]
    assert pruned(made, made.config) == size_bytes
    assert stored(made) == mine
    assert pruned(made, made.config) == 0
    assert "nothing to remove" in made.said[-1]
    assert cleaned(made, unicode_form="NFKC") == others


def test_every_layer_of_a_recipe_of_conf_stays(made: SimpleNamespace) -> None:
    config = replace(made.config, cleaning=RICH)
    clean(config, made.root / "out", made.root, made.say)
    layers = {name[17:].rpartition("-")[0] for name in stored(made)}
    assert {layer.partition("-")[0] for layer in layers} >= {"", "language", "measures", "edited"}
    assert any(layer.endswith("signatures") for layer in layers)
    whole = stored(made)
    assert pruned(made, config) == 0
    assert stored(made) == whole
    pruned(made, made.config)  # asks for the same reading, and for no layer
    assert len(stored(made)) == 1


def test_what_a_cleaned_corpus_was_made_from_stays_as_long_as_it_does(made: SimpleNamespace) -> None:
    cleaned(made, "data/clean/mine", unicode_form="NFKC", languages=["en"])
    whole = stored(made)
    assert len(whole) == 2
    assert pruned(made) == 0
    assert stored(made) == whole
    shutil.rmtree(made.root / "data/clean/mine")
    assert pruned(made) > 0
    assert not stored(made)


def test_a_stopped_cleaning_stays_where_it_would_go_on_and_leftovers_of_the_dead_go(made: SimpleNamespace) -> None:
    mine, others = cleaned(made), cleaned(made, unicode_form="NFKC")
    home = made.root / "data/cache/measured"
    for name in mine | others:
        (home / name).rename(home / f".{name}.growing")
    dead, alive = home / ".ab.draft-999999999", home / f".ab.draft-{os.getppid()}"
    for folder in (dead, alive):
        folder.mkdir()
        (folder / "part").write_bytes(b"12345")
    pruned(made, made.config)
    assert {path.name for path in home.glob(".*/")} == {alive.name, *(f".{name}.growing" for name in mine)}
    assert any("left over by process 999999999" in line for line in made.said)
    assert any("what a command had finished when it was stopped" in line for line in made.said)


@pytest.mark.parametrize("remove", [False, True])
def test_what_a_process_uses_stays(made: SimpleNamespace, remove: bool) -> None:
    """`in_use` is what cleaning holds until it has mapped all; a store's layers are used with it."""
    names = cleaned(made, languages=["en"], unicode_form="NFKC")
    store = min(names, key=len)
    with in_use(made.root / "data/cache/measured" / store):
        assert pruned(made, remove=remove) == 0
        assert stored(made) == names
        assert sum("a process uses it, so it stays" in line for line in made.said) == len(names) == 2
    assert pruned(made, remove=remove) > 0


def test_what_cannot_be_removed_is_named_and_the_rest_goes(made: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = cleaned(made), cleaned(made, unicode_form="NFKC")
    real = module.remove_folder

    def refuse(folder: Path) -> None:
        if folder.name in first:
            raise PermissionError(13, "Permission denied")
        real(folder)

    monkeypatch.setattr(module, "remove_folder", refuse)
    with pytest.raises(MachineError, match=rf"data/cache/measured/{min(first)}: Permission denied"):
        pruned(made)
    assert stored(made) == first
    assert not stored(made) & second


def test_an_empty_project_has_nothing_to_remove(tmp_path: Path) -> None:
    said: list[str] = []
    assert prune([], True, tmp_path, said.append) == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_verb_lists_removes_and_keeps_what_conf_names(trained: Any, tmp_path: Path, run: Callable[..., Any]) -> None:
    project = shutil.copytree(trained.project, tmp_path / "project", symlinks=True)
    wrong = run(project, "src/prune.py", "remvoe")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "did you mean remove?" in wrong.stderr
    folders = {path: path.parent.name for stage in module.STAGES for path in (project / "data/cache" / stage).glob("*/")}
    assert set(folders.values()) == set(module.STAGES)
    listed = run(project, "src/prune.py")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "nothing to remove" in listed.stdout
    (project / "conf/data/tiny.yaml").unlink()
    assert " could go: " in " " + run(project, "src/prune.py").stdout.splitlines()[-1]
    assert all(path.is_dir() for path in folders)
    removed = run(project, "src/prune.py", "remove")
    assert (removed.returncode, removed.stderr) == (0, "")
    assert not any(path.exists() for path in folders)
    assert all(f"{path.relative_to(project)}" in removed.stdout for path in folders)


def test_the_copy_of_a_folder_from_outside_is_listed_and_goes_unless_it_is_read(made: SimpleNamespace) -> None:
    copy = made.root / "data/local/outside_texts_01234567"
    (copy / "files").mkdir(parents=True)
    (copy / "files/a.txt").write_bytes(b"x" * 1000)
    assert pruned(made, made.config, remove=False) == 1000
    assert "data/local/outside_texts_01234567  copy of a folder that was cleaned by source.path" in made.said[0]
    with in_use(outside_guard(copy.name, made.root)):
        assert pruned(made, made.config) == 0
    assert copy.exists()
    assert pruned(made, made.config) == 1000
    assert not copy.exists()
    assert [path.name for path in (made.root / "data/local").iterdir()] == ["mine"]
