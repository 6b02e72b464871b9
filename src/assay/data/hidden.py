"""Packages that a library imports wherever they are installed, for CPU seconds and memory, and makes no use of here."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec


class _Finder:
    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name == self.package:
            raise ModuleNotFoundError(f"{name} is hidden", name=name)
        return None


@contextmanager
def hidden(package: str) -> Iterator[None]:
    """Within it the package can't be imported, unless it was before."""
    finder = _Finder(package)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def leave_pandas_out() -> None:
    """pyarrow looks for pandas when it makes its first array, and no more: 0.3 CPU seconds and some 30 MB in each process."""
    with hidden("pandas"):
        import pyarrow as arrow

        arrow.array([""])
