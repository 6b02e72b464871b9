"""Writes docs/reliability.md from the tests: which fault is injected, what must hold, and the test that shows it.

python tests/faults/reliability.py
"""

import ast
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs/reliability.md"
HEAD = """\
# Reliability

Each row is a test that starts the real program, injects the fault from outside, and looks at what is left. Kills and full disks are injected below Python,
at counted calls of the C library (`tests/faults/shim.c`). "Same bits" means: weights, every step's loss and the metric history equal those of an
undisturbed run. D is the data pipeline: what one reader or kernel holds is shown there, with the smallest input, besides what the commands do. `make test`
runs them all; `make crashtest` kills at every call. Written by `python tests/faults/reliability.py`.

| fault | what is injected | what holds | test |
|---|---|---|---|
"""


def rows() -> list[tuple[str, str, str, str]]:
    """(number, injection, promise, test), by number."""
    found = []
    for path in sorted(HERE.parent.rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                for number, injection in _faults(node):
                    promise = node.name.removeprefix("test_").replace("_", " ")
                    found.append((number, injection, promise, f"`{path.relative_to(HERE.parents[1]).as_posix()}::{node.name}`"))
    return sorted(found, key=lambda row: (row[0][0] != "T", row[0][0], int(re.sub(r"\D", "", row[0])), row[3]))


def _faults(node: ast.FunctionDef) -> list[tuple[str, str]]:
    """A mark without words says only that the test injects one."""
    marks = [
        mark for mark in node.decorator_list if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.fault" and mark.args
    ]
    return [(ast.literal_eval(mark.args[0]), ast.literal_eval(mark.keywords[0].value)) for mark in marks]


def page() -> str:
    cells = [[number, injection.replace("|", "\\|"), promise, test] for number, injection, promise, test in rows()]
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in cells)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(rows())} rows")
