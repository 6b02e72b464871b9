"""Which project files shape a module's results, and a hash of each that a comment, a docstring or a message does not change."""

import ast
import json
import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from assay.files import ROOT, canonical_json, sha256_bytes, sha256_file, write_atomic

PACKAGE = "assay"
MEMORY = f"__pycache__/closure.{sys.implementation.cache_tag}.json"
"""Below the package, beside what Python itself keeps of the same files."""

SAYING = ("print", "say")
"""Functions and methods that show a text to a person. A statement that calls one has no other effect."""


def closure(modules: list[str], root: Path = ROOT, outside: Collection[str] = ()) -> dict[str, str]:
    """The project files that `modules` import, themselves included, and the sha256 of each one's normalised syntax tree.

    Static: imports inside functions count too, whether or not they run. Modules in `outside` are left out, and so is what only they import.
    Raises ModuleNotFoundError for an unknown module.
    """
    source = root / "src"
    waiting, found = list(modules), dict[str, str]()
    seen = set[str]()
    memory = _memory(source / PACKAGE / MEMORY)
    for module in (*modules, *outside):
        if _file_of(module, source) is None:
            raise ModuleNotFoundError(f"{module} is no module of {source / PACKAGE}")
    while waiting:
        module = waiting.pop()
        if module in seen or module in outside:
            continue
        seen.add(module)
        path = _file_of(module, source)
        if path is None:  # an attribute of the module it was imported from
            continue
        digest, imports = memory.read(path, module)
        found[path.relative_to(root).as_posix()] = digest
        waiting.extend(imports)
        if "." in module:
            waiting.append(module.rpartition(".")[0])  # a package's __init__ runs before its modules
    memory.keep()
    return dict(sorted(found.items()))


def closure_sha256(modules: list[str], root: Path = ROOT) -> str:
    return sha256_bytes(canonical_json(closure(modules, root)))


def _file_of(module: str, source: Path) -> Path | None:
    base = source.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


class _Memory:
    """A cache of what was read of each module: to parse 200 files again takes a quarter of a look-up's CPU time.

    An entry is used for exactly the bytes that it was made from, and the file as a whole only if its own sha256 fits, and that of this
    module, whose rules the digests follow. What cannot be read or written costs time, never a wrong digest.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.known: dict[str, list[Any]] = {}
        self.grown = False
        with suppress(OSError, ValueError, KeyError, TypeError):
            stored = json.loads(place.read_bytes())
            if stored["sha256"] == self.seal(stored["modules"]):
                self.known = stored["modules"]

    def seal(self, modules: dict[str, list[Any]]) -> str:
        return sha256_bytes(canonical_json([_rules(), sys.version, modules]))

    def read(self, path: Path, module: str) -> tuple[str, list[str]]:
        """Digest and imported module names."""
        text = path.read_bytes()
        sha256 = sha256_bytes(text)
        if module not in self.known or self.known[module][0] != sha256:
            self.known[module] = [sha256, *_read(text, path, module)]
            self.grown = True
        _, digest, imports = self.known[module]
        return digest, imports

    def keep(self) -> None:
        if self.grown and not sys.dont_write_bytecode:
            with suppress(OSError):
                write_atomic(self.place, canonical_json({"sha256": self.seal(self.known), "modules": self.known}))
            self.grown = False


@cache
def _memory(place: Path) -> _Memory:
    """One for all calls of a process, also where nothing may be kept on disk."""
    return _Memory(place)


@cache
def _rules() -> str:
    return sha256_file(Path(__file__))


def _read(text: bytes, path: Path, module: str) -> tuple[str, list[str]]:
    tree = ast.parse(text, str(path))
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    names = {name for node in _statements(tree) for name in _imports(node, package) if name.split(".")[0] == PACKAGE}
    return tree_sha256(tree), sorted(names)


def tree_sha256(tree: ast.Module) -> str:
    """Equal for two files that differ only in layout, comments, docstrings, and in the wording of what they tell a person."""
    parts: list[str] = []
    _write(tree, parts)
    return sha256_bytes("\n".join(parts).encode("utf-8", "surrogatepass"))


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Every statement but those under `if TYPE_CHECKING:`, which never run. No expression holds an import, so none is entered."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt):
            yield node
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            waiting.extend(node.orelse)
            continue
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):
            held = getattr(node, block, None)
            if isinstance(held, list):
                waiting.extend(held)


def _imports(node: ast.stmt, package: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        return [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return []


def _write(value: object, parts: list[str]) -> None:
    """Append the tree in one unambiguous form. Empty fields are left out, so that a field a newer Python adds changes nothing."""
    if isinstance(value, ast.AST):
        parts.append(f"({type(value).__name__}")
        shown = _shown_call(value)
        for name in value._fields:
            child = getattr(value, name, None)
            if name == "keywords" and _is_setting(value):
                child = [keyword for keyword in child or [] if keyword.arg != "help"]
            if child is None or child == [] or name in ("type_comment", "kind", "ctx"):
                continue
            parts.append(name)
            if shown is not None and child is shown:
                _write_without_wording(shown, parts)
            else:
                _write(child, parts)
        parts.append(")")
    elif isinstance(value, list):
        parts.append("[")
        for child in value:
            if not _is_bare_string(child):
                _write(child, parts)
        parts.append("]")
    else:
        parts.append(repr(value))


def _shown_call(statement: ast.AST) -> ast.Call | None:
    """The call whose texts are only read by a person: in `raise Error(...)`, `print(...)` and `x.say(...)`."""
    if isinstance(statement, ast.Raise):
        return statement.exc if isinstance(statement.exc, ast.Call) else None
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or any(keyword.arg == "file" for keyword in call.keywords):
        return None
    name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return call if name in SAYING else None


def _is_setting(node: ast.AST) -> bool:
    """A field of a schema, whose help is shown by --help."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setting"


def _write_without_wording(call: ast.Call, parts: list[str]) -> None:
    """Write the function that is called and its arguments. Literal parts of texts are left out; the expressions between them may do something, and stay."""
    _write(call.func, parts)
    for argument in call.args:
        parts.append("(")
        _write_values(argument, parts)
        parts.append(")")
    for keyword in call.keywords:
        parts.append(f"({keyword.arg}")
        _write_values(keyword.value, parts)
        parts.append(")")


def _write_values(text: ast.expr, parts: list[str]) -> None:
    """The expressions in a text that is put together from literals and values."""
    if isinstance(text, ast.JoinedStr):
        for part in text.values:
            if isinstance(part, ast.FormattedValue):
                _write(part.value, parts)
    elif isinstance(text, ast.BinOp) and _has_literal_text(text):
        _write_values(text.left, parts)
        _write_values(text.right, parts)
    elif isinstance(text, ast.IfExp):
        _write(text.test, parts)
        _write_values(text.body, parts)
        _write_values(text.orelse, parts)
    elif not _is_literal_text(text):
        _write(text, parts)


def _has_literal_text(node: ast.expr) -> bool:
    """Whether a chain of `+` has a literal text in it: then it makes a text."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _has_literal_text(node.left) or _has_literal_text(node.right)
    return isinstance(node, ast.JoinedStr) or _is_literal_text(node)


def _is_literal_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_bare_string(node: object) -> bool:
    """A docstring, of a module, class, function or field: it does nothing."""
    return isinstance(node, ast.Expr) and _is_literal_text(node.value)
