"""A compiled kernel is found again for exactly the sources that are compiled into it."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assay.closure import closure
from assay.data import kernel_cache
from assay.data.kernel_cache import KernelFolder, key_of, sources_of
from assay.files import ROOT

INTRINSICS = "src/assay/data/intrinsics.py"
CALLER = '''
from assay.data.callee import twice
from assay.data.intrinsics import eight_bytes
from assay.data.kernel_cache import njit


@njit("uint64(uint8[::1])", cache=True)
def called(content):
    """%s"""
    return twice(eight_bytes(content, 0))
'''
CALLEE = """
import numpy as np

from assay.data.kernel_cache import njit

FACTOR = np.uint64(%d)


@njit()
def twice(value):
    return value * FACTOR
"""
ASK = """
import json, sys
import numpy as np
sys.path.insert(0, "src")
from assay.data.caller import called
print(json.dumps([int(called(np.array([5, 0, 0, 0, 0, 0, 0, 0], dtype=np.uint8))), sum(called.stats.cache_hits.values()), called.stats.cache_path]))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What a kernel needs, with one kernel that uses a function and a constant of another file."""
    for path in [*closure(["assay.data.kernel_cache"]), INTRINSICS]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, tmp_path / path)
    edit(tmp_path, "caller", CALLER % "")
    edit(tmp_path, "callee", CALLEE % 2)
    return tmp_path


def edit(copy: Path, name: str, text: str) -> None:
    (copy / f"src/assay/data/{name}.py").write_text(text)


def ask(copy: Path) -> tuple[int, int, str]:
    """Of a new process: the kernel's answer for eight bytes that are 5, whether machine code was found, and where it is kept."""
    done = subprocess.run([sys.executable, "-c", ASK], cwd=copy, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    answer, found, path = json.loads(done.stdout)
    return answer, found, path


def test_an_edit_of_another_file_that_is_compiled_into_a_kernel_takes_effect(copy: Path) -> None:
    assert ask(copy)[:2] == (10, 0)
    answer, found, first = ask(copy)
    assert (answer, found) == (10, 1)
    edit(copy, "callee", CALLEE % 3)  # the same size, and the caller's own file is untouched
    assert ask(copy)[:2] == (15, 0)
    assert ask(copy)[:2] == (15, 1)
    edit(copy, "callee", CALLEE % 2 + "# a comment\n")
    edit(copy, "caller", CALLER % "Says what.")
    intrinsics = (copy / INTRINSICS).read_text()
    edit(copy, "intrinsics", intrinsics.replace("[arguments[1]])", "[builder.add(arguments[1], ir.Constant(arguments[1].type, 0))])"))
    assert ask(copy)[:2] == (10, 0)
    edit(copy, "intrinsics", intrinsics.replace("word.align = 1", "word = builder.add(word, word)"))
    assert ask(copy)[:2] == (20, 0)
    edit(copy, "intrinsics", intrinsics)
    assert ask(copy) == (10, 1, first)  # both are kept: nothing was deleted


def kernels() -> list[str]:
    """The modules that hold compiled functions, found by what they import."""
    found = []
    for path in sorted((ROOT / "src/assay").rglob("*.py")):
        names = {alias.name for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.ImportFrom) for alias in node.names}
        if names & {"njit", "compiled", "inlined"}:
            found.append(".".join(path.relative_to(ROOT / "src").with_suffix("").parts))
    return found


def test_every_kernel_that_calls_an_intrinsic_has_another_key_after_its_edit(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src/assay", tmp_path / "src/assay", ignore=shutil.ignore_patterns("__pycache__"))
    before = {module: key_of(sources_of(module, tmp_path)) for module in kernels()}
    (tmp_path / INTRINSICS).write_bytes((tmp_path / INTRINSICS).read_bytes() + b"\nCHANGED = 1\n")
    changed = {module for module in before if key_of(sources_of(module, tmp_path)) != before[module]}
    assert changed == {module for module in before if INTRINSICS in closure([module])}
    assert {module.split(".")[1] for module in changed} == {"data", "objective", "tokenizer"}
    assert {"assay.objective.kernel_words", "assay.objective.kernel_glove"} <= changed


def test_only_the_cache_itself_takes_the_compiler_from_numba() -> None:
    """Else a kernel would be kept for as long as its own file is the same."""
    found = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) and node.module == "numba" else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found += [path.name for name in names if name in ("numba", "njit", "jit", "vectorize", "guvectorize", "stencil", "cfunc")]
    assert found == ["kernel_cache.py"]
    assert len(kernels()) > 10


@pytest.mark.parametrize("package", ["numba", "llvmlite", "np"])
def test_another_release_of_what_compiles_is_another_key(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = key_of({})
    monkeypatch.setattr(getattr(kernel_cache, package), "__version__", "0.0.1")
    assert key_of({}) != before


def test_a_setting_of_the_compiler_is_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key_of({})
    monkeypatch.setenv("NUMBA_CACHE_DIR", "elsewhere")
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    assert key_of({}) == before
    monkeypatch.setenv("NUMBA_OPT", "0")
    assert key_of({}) != before


def test_a_source_that_was_edited_since_the_process_began_shares_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of both forms was imported is not known."""
    module = "assay.objective.kernel_glove"
    shared = kernel_cache._folder(module)
    assert shared.is_relative_to(ROOT)
    monkeypatch.setitem(kernel_cache._AT_START, str(ROOT / INTRINSICS), (1, 1))
    kernel_cache._folder.cache_clear()
    assert not kernel_cache._folder(module).is_relative_to(ROOT)
    kernel_cache._folder.cache_clear()


def test_where_nothing_can_be_written_the_kernels_are_kept_for_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = "assay.objective.kernel_glove"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kernel_cache, "_can_be_written_to", lambda folder: not folder.is_relative_to(ROOT))
    kernel_cache._folder.cache_clear()
    assert kernel_cache._folder(module).parent == tmp_path / "assay/kernels"
    monkeypatch.setattr(kernel_cache, "_can_be_written_to", lambda folder: False)
    kernel_cache._folder.cache_clear()
    folder = kernel_cache._folder(module)
    assert folder.name.startswith(f"{module}-")
    assert not folder.is_relative_to(ROOT)
    kernel_cache._folder.cache_clear()


def test_a_folder_of_the_users_own_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kernel_cache.settings, "CACHE_DIR", str(tmp_path))
    kernel_cache._folder.cache_clear()
    assert kernel_cache._folder("assay.objective.kernel_glove").parent == tmp_path
    kernel_cache._folder.cache_clear()


def test_functions_of_others_are_numbas_own_matter() -> None:
    assert KernelFolder.from_function(ask, __file__) is None
