"""The house stays as docs/decisions describe it: names, mirrors, who may import whom, and what no file may hold."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src"
PACKAGE = SRC / "assay"
SOURCES = sorted(SRC.rglob("*.py"))
VERBS = sorted(SRC.glob("*.py"))
MODULES = {".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__"): path for path in SOURCES}

TORCH = {"torch", "torchmetrics", "pytorch_lightning", "lightning", "safetensors.torch"}
LIGHTNING = {"pytorch_lightning", "lightning"}
HYDRA = {"hydra", "omegaconf"}


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), filename=str(path))


def imports(path: Path, inside_functions: bool = True) -> set[str]:
    """Dotted names that a file imports; `from a import b` counts as a and a.b."""
    found: set[str] = set()
    waiting: list[ast.AST] = [tree(path)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{place(path)}:{node.lineno} imports by dots; write the full name"
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif inside_functions or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
    return found


def reaches(path: Path, inside_functions: bool) -> set[str]:
    """Dotted names that are imported when a file is, through files of ours."""
    found: set[str] = set()
    waiting = [path]
    while waiting:
        new = imports(waiting.pop(), inside_functions) - found
        found |= new
        waiting.extend(MODULES[name] for name in new if name in MODULES)
    return found


def within(names: set[str], packages: set[str]) -> set[str]:
    return {name for name in names if any(f"{name}.".startswith(f"{package}.") for package in packages)}


def below(*folders: str) -> list[Path]:
    return [path for path in SOURCES if any(path.is_relative_to(PACKAGE / folder) for folder in folders)]


DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
OPENINGS = {"Of", "As", "By", "What", "How"}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each call with the words before its bracket: `os.replace`, `eval`, `.rename` on what is not a name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else "", node


# --- names and mirrors ---


def test_nothing_in_src_hides_another_module() -> None:
    """`python src/train.py` puts src/ first on the path: a src/tokenize.py would be imported by Python's own traceback.

    hydra_plugins is the one name shared on purpose: Hydra finds plugins in every folder of that name.
    """
    ours = {path.stem for path in SRC.iterdir()} - {"__pycache__", "assay", "hydra_plugins"}
    assert not ours & (set(sys.stdlib_module_names) | set(packages_distributions()))


def test_each_config_group_has_its_package_and_each_schema_its_group() -> None:
    groups = {path.name for path in (ROOT / "conf").iterdir() if path.is_dir()} - {"experiment", "sweep"}
    at_the_root = {"config", "comparison", "inference"}  # their few fields stand in conf/<verb>.yaml itself: nothing to choose between
    schemas = {path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("schema.py")} - at_the_root
    assert {f"data/{group}" if group in ("cleaning", "engine") else group for group in groups} == schemas


def test_package_init_files_are_empty() -> None:
    assert not [place(path) for path in SOURCES if path.name == "__init__.py" and path.read_bytes()]


def test_each_folder_of_source_is_a_package() -> None:
    assert not [place(path) for path in below("") if not (path.parent / "__init__.py").exists()]


def test_a_verb_is_one_page() -> None:
    """30 lines, not counting the empty ones that the formatter sets."""
    lengths = {place(path): sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip()) for path in VERBS}
    assert not {name: lines for name, lines in lengths.items() if lines > 30}


def test_there_is_no_drawer_for_leftovers() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not [place(path) for path in SOURCES if drawers & {part.removesuffix(".py") for part in path.relative_to(SRC).parts}]


def test_no_function_over_60_lines_and_no_file_over_400() -> None:
    files = sorted(path for folder in ("src", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
    long = [place(path) for path in files if len(path.read_text(encoding="utf-8").splitlines()) > 400]
    for path in files:
        long += [
            f"{place(path)}:{node.lineno} {node.name}"
            for node in functions(path)
            if node.end_lineno is not None and node.end_lineno - node.lineno >= 60
        ]
    assert not long


def test_a_docstring_can_stand_alone_in_a_reference_manual() -> None:
    """It begins with a verb or a noun, not with a word that needs the name above it to make a sentence; so does the text below a constant."""
    found = []
    for path in SOURCES:
        statements = [line for node in ast.walk(tree(path)) if isinstance(node, DOCUMENTED) for line in node.body]
        texts = [line for line in statements if isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)]
        found += [f"{place(path)}:{line.lineno}" for line in texts if str(line.value.value).split(" ")[0].rstrip(",") in OPENINGS]
    assert not found


def test_the_tests_mirror_the_source() -> None:
    """x.py <-> test_x.py, so that "where is it tested" needs no search. A schema is tested with its group's configs."""
    missing = []
    for path in below(""):
        home = path.relative_to(PACKAGE)
        named = any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in tree(path).body)
        if named and path.name != "schema.py" and not (ROOT / "tests" / home.parent / f"test_{home.name}").exists():
            missing.append(f"tests/{(home.parent / f'test_{home.name}').as_posix()}")
    assert not missing


def test_make_alone_lists_every_target_with_what_it_does(project: Callable[..., Path], run: Callable[..., Any]) -> None:
    shown = run(project(), "make")
    listed = [line.split(maxsplit=1) for line in shown.stdout.splitlines()]
    assert shown.returncode == 0
    assert sorted(name for name, _ in listed) == sorted(
        ("bench", "check", "crashtest", "dashboard", "data", "help", "lock", "peers", "prune", "run", "sync", "test", "venv")
    )
    assert all(len(text) > 10 for _, text in listed)


def test_make_run_with_an_unknown_profile_names_the_ones_there_are(project: Callable[..., Path], run: Callable[..., Any]) -> None:
    copy = project()
    refused = run(copy, "make", "run", "PROFILE=smal")
    assert refused.returncode == 2
    assert "PROFILE is 'smal'; it may be full, smoke or families" in refused.stderr
    assert not (copy / ".venv").exists()


@pytest.mark.parametrize("minor", [10, 14])
def test_make_venv_with_an_untried_python_says_which_ones_will_do(
    minor: int, project: Callable[..., Path], run: Callable[..., Any]
) -> None:
    copy = project("a name with spaces")
    other = copy / "python"  # this Python, giving another version
    answer = f'[ "$1" = --version ] && echo Python 3.{minor}.9 && exit\n'
    other.write_text(
        f'#!/bin/sh\n{answer}exec "{sys.executable}" -c "import sys; sys.version_info = (3, {minor}, 9); $2"\n', encoding="utf-8"
    )
    other.chmod(0o755)
    refused = run(copy, "make", "venv", "PYTHON=./python")
    assert refused.returncode == 2
    assert f"Expected Python 3.11, 3.12 or 3.13; found './python': Python 3.{minor}.9" in refused.stdout + refused.stderr
    assert not (copy / ".venv").exists()


# --- who may import whom ---


def test_only_configuration_knows_hydra() -> None:
    free = {path for path in SOURCES if not path.is_relative_to(SRC / "hydra_plugins")} - {*below("config"), *VERBS}
    assert not {place(path): found for path in sorted(free) if (found := within(imports(path), HYDRA))}


def test_only_tracking_knows_mlflow() -> None:
    free = sorted(set(SOURCES) - set(below("tracking")))
    assert not {place(path): found for path in free if (found := within(imports(path), {"mlflow"}))}


def test_checking_a_config_and_preparing_data_load_no_torch() -> None:
    """Through whatever they import: torch and Lightning cost 4 s of CPU before the first word of an error."""
    free = set(below("data", "tokenizer", "config")) | set(PACKAGE.rglob("schema.py")) - {PACKAGE / "data/datamodule.py"}
    free -= {PACKAGE / "data/datamodule.py"}
    assert not {place(path): found for path in sorted(free) if (found := within(reaches(path, False), TORCH))}
    own = free - set(below("config"))  # config/ builds what the user chose, so its functions load it
    assert not {place(path): found for path in sorted(own) if (found := within(imports(path), TORCH))}


def test_a_verb_starts_with_nothing_heavy() -> None:
    heavy = TORCH | {"mlflow", "transformers", "pyarrow", "dvc", "matplotlib"}
    assert not {place(path): found for path in VERBS if (found := within(reaches(path, False), heavy))}


def test_the_model_knows_nothing_of_training() -> None:
    banned = LIGHTNING | HYDRA | {"mlflow", "dvc", "assay.trainer", "assay.tracking", "assay.objective"}
    assert not {place(path): found for path in below("model") if (found := within(imports(path), banned))}


def test_generating_text_needs_no_training_code() -> None:
    """The trainer's schema is no training code: a run's config is read with it."""
    wrong = {}
    for path in below("inference", "serving"):
        reached = within(reaches(path, True), LIGHTNING | {"assay.trainer"})
        if found := reached - within(reached, {"assay.trainer.schema"}):
            wrong[place(path)] = found
    assert not wrong


def test_nothing_imports_a_verb() -> None:
    verbs = {path.stem for path in VERBS}
    assert not {place(path): found for path in SOURCES if (found := within(imports(path), verbs))}


# --- what no file may hold ---

BANNED_IMPORTS = {"pickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal"}
BANNED_CALLS = {"eval", "exec", "compile", "yaml.load", "yaml.unsafe_load", "torch.load", "os.system", "os.popen"}
BANNED_KEYWORDS = {("shell", "True"), ("weights_only", "False"), ("verify", "False")}


def test_no_way_from_data_to_code() -> None:
    """Pickles, eval, shells, unverified downloads and code from a model's folder: each has been an attack on such programs."""
    found = []
    for path in SOURCES:
        found += [f"{place(path)}: import {name}" for name in within(imports(path), BANNED_IMPORTS)]
        for name, call in calls(path):
            words = {(str(keyword.arg), ast.unparse(keyword.value)) for keyword in call.keywords}
            if name in BANNED_CALLS or words & BANNED_KEYWORDS or "trust_remote_code" in {key for key, _ in words}:
                found.append(f"{place(path)}:{call.lineno}: {ast.unparse(call)[:80]}")
        words_in_text = {node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        found += [f"{place(path)}: {word}" for word in words_in_text & {"trust_remote_code", "weights_only"}]
    assert not found


CLOCK = {"time.time", "time.time_ns", "time.ctime", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
PLACES = {"os.rename", "os.replace", "os.renames", "os.fsync", "os.fdatasync", "shutil.move"}


def test_only_files_py_renames_fsyncs_and_reads_the_clock() -> None:
    """Half-written files and clocks that jump are dealt with in one place; tests put a fault or a time of their own there."""
    found = []
    for path in sorted(set(SOURCES) - {PACKAGE / "files.py"}):
        found += [f"{place(path)}: from ... import {name}" for name in imports(path) & (CLOCK | PLACES)]
        for name, call in calls(path):
            last = name.rpartition(".")[2]
            moves_a_path = last == "rename" or (last == "replace" and len(call.args) == 1 and not call.keywords)
            if moves_a_path or ".".join(name.split(".")[-2:]) in CLOCK | PLACES:
                found.append(f"{place(path)}:{call.lineno}: {ast.unparse(call)[:80]}")
    assert not found


HOSTS = re.compile(
    "|".join((r"py" + r"pi\.org", "python" + "hosted", r"npm" + r"js\.(org|com)", r"download\.py" + r"torch", "anaconda" + r"\.org"))
)
PLACES_OF_A_MACHINE = re.compile(r"(?<![\w.~*}$-])/(home|root|Users|work)/\w")


def committed() -> list[Path]:
    """Every file that git would commit: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    return [path for name in sorted(set(listed.stdout.decode().split("\0")) - {""}) if (path := ROOT / name).is_file()]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout, so it can't be known which files belong to the project")
def test_no_file_names_a_package_registry_or_a_place_on_somebodys_machine() -> None:
    found = []
    for path in committed():
        text = path.read_bytes().decode("utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if HOSTS.search(line) or PLACES_OF_A_MACHINE.search(line):
                found.append(f"{place(path)}:{number}: {line.strip()[:100]}")
    assert not found
