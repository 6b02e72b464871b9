import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import assay.closure as module
from assay.closure import closure, closure_sha256
from assay.files import ROOT

FILES = {
    "src/assay/__init__.py": "",
    "src/assay/top.py": "from assay import middle\n\nLIMIT = 3\n",
    "src/assay/middle.py": "def work():\n    from assay.pack.deep import VALUE\n    return VALUE\n",
    "src/assay/pack/__init__.py": "",
    "src/assay/pack/deep.py": "import json\nVALUE = 1\n",
    "src/assay/alone.py": "X = 1\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def edit(root: Path, name: str, text: str) -> str:
    (root / name).write_text(text)
    return closure_sha256(["assay.top"], root)


def test_imports_are_followed_into_functions_and_packages(root: Path) -> None:
    assert list(closure(["assay.top"], root)) == [name for name in sorted(FILES) if "alone" not in name]


def test_a_changed_constant_deep_below_changes_the_hash(root: Path) -> None:
    before = closure_sha256(["assay.top"], root)
    assert edit(root, "src/assay/pack/deep.py", "import json\nVALUE = 2\n") != before


def test_true_and_one_are_not_the_same_constant(root: Path) -> None:
    before = closure_sha256(["assay.top"], root)
    assert edit(root, "src/assay/pack/deep.py", "import json\nVALUE = True\n") != before


def test_comments_docstrings_and_layout_keep_the_hash(root: Path) -> None:
    before = closure_sha256(["assay.top"], root)
    text = '"""Says what."""\nfrom assay import (\n    middle,\n)\n\n# why\nLIMIT = 3\n"""Of a thing."""\n'
    assert edit(root, "src/assay/top.py", text) == before


def test_a_text_that_is_used_is_no_docstring(root: Path) -> None:
    before = edit(root, "src/assay/top.py", "from assay import middle\n\nLIMIT = 'a'\n")
    assert edit(root, "src/assay/top.py", "from assay import middle\n\nLIMIT = 'b'\n") != before


def test_another_wording_of_what_a_person_reads_keeps_the_hash(root: Path) -> None:
    first = """
        def work(x, say):
            say(f"read {x} lines")
            print("done: " + x.name if x else "nothing")
            raise ValueError(f"{x}: expected more." + " Type: make data")
        size = setting(1, at_least=0, help="of a line")
    """
    other = """
        def work(x, say):
            say(f"{x} lines were read")
            print("finished " + x.name if x else "none")
            raise ValueError(f"found {x}, which is too little." + " Run: make")
        size = setting(1, at_least=0)
    """
    assert edit(root, "src/assay/top.py", dedent(first)) == edit(root, "src/assay/top.py", dedent(other))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("raise ValueError(f'{x} lines')", "raise ValueError(f'{y} lines')"),
        ("raise ValueError('a')", "raise KeyError('a')"),
        ("raise ValueError(x + y)", "raise ValueError(x, y)"),
        ("raise ValueError(x('a'))", "raise ValueError(x('b'))"),
        ("raise SystemExit(2)", "raise SystemExit(3)"),
        ("raise ValueError('a') from x", "raise ValueError('a') from y"),
        ("print(x['a'])", "print(x['b'])"),
        ("print('a', file=x)", "print('b', file=x)"),
        ("say(x.pop())", "say('x.pop()')"),
        ("z = say('a')", "z = say('b')"),
        ("setting('a', help='x')", "setting('b', help='x')"),
        ("other(help='x')", "other(help='y')"),
    ],
)
def test_a_value_in_a_message_and_a_text_that_is_no_message_count(text: str, other: str, root: Path) -> None:
    assert edit(root, "src/assay/top.py", text + "\n") != edit(root, "src/assay/top.py", other + "\n")


def test_what_only_an_outside_module_imports_is_outside(root: Path) -> None:
    assert list(closure(["assay.top"], root, outside=["assay.middle"])) == ["src/assay/__init__.py", "src/assay/top.py"]
    edit(root, "src/assay/top.py", "from assay import middle\nimport assay.pack.deep\n")
    assert "src/assay/pack/deep.py" in closure(["assay.top"], root, outside=["assay.middle"])
    with pytest.raises(ModuleNotFoundError, match=r"assay\.absent"):
        closure(["assay.top"], root, outside=["assay.absent"])


def test_imports_for_the_type_checker_are_not_followed(root: Path) -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from assay.alone import X\nelse:\n    import assay.pack.deep\n"
    edit(root, "src/assay/top.py", text)
    found = closure(["assay.top"], root)
    assert "src/assay/alone.py" not in found
    assert "src/assay/pack/deep.py" in found


def test_relative_imports_are_followed(root: Path) -> None:
    (root / "src/assay/pack/deep.py").write_text("from ..alone import X\n")
    assert "src/assay/alone.py" in closure(["assay.top"], root)


def test_an_unknown_module_is_refused(root: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"assay\.absent"):
        closure(["assay.absent"], root)


def test_cleaning_does_not_depend_on_training() -> None:
    """Otherwise a change of the trainer would make every corpus stale."""
    found = closure(["assay.data.clean"], ROOT)
    assert "src/assay/data/unit.py" in found
    assert not [
        name for name in found if name.startswith(("src/assay/trainer", "src/assay/model", "src/assay/tracking", "src/assay/config/schema"))
    ]


def test_what_was_read_before_is_used_for_the_same_bytes_only(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = module._read
    monkeypatch.setattr(module, "_read", lambda text, path, name: (read.append(name), real(text, path, name))[1])
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    before = closure_sha256(["assay.top"], root)
    for _ in range(2):  # as another process
        module._memory.cache_clear()
        assert closure_sha256(["assay.top"], root) == before
    assert sorted(read) == ["assay", "assay.middle", "assay.pack", "assay.pack.deep", "assay.top"]
    read.clear()
    assert edit(root, "src/assay/pack/deep.py", "import json\nVALUE = 2\n") != before
    assert read == ["assay.pack.deep"]
    assert edit(root, "src/assay/pack/deep.py", FILES["src/assay/pack/deep.py"]) == before


@pytest.mark.parametrize(
    "spoil", [lambda kept: kept[:-9], lambda kept: kept.replace(b'"assay.top":["', b'"assay.top":["0'), lambda kept: b"[]"]
)
def test_a_spoilt_memory_is_read_again(spoil: Callable[[bytes], bytes], root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    before = closure_sha256(["assay.top"], root)
    (kept,) = root.glob("src/assay/__pycache__/closure.*.json")
    kept.write_bytes(spoil(kept.read_bytes()))
    module._memory.cache_clear()
    assert closure_sha256(["assay.top"], root) == before
