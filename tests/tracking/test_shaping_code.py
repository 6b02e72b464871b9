"""Every function that training imports counts, but in the modules that are named with a reason."""

import ast
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from assay.closure import closure, tree_sha256
from assay.config.load import load
from assay.config.schema import TrainConfig
from assay.files import ROOT
from assay.tracking.shaping_code import (
    NUMERIC_PACKAGES,
    OPTIONAL_PACKAGES,
    OUTSIDE,
    OUTSIDE_WITHOUT_FOLDER,
    PACKAGES_OUTSIDE,
    TRAINING,
    shaping_code,
    shaping_packages,
)

CONFIGS = {
    "causal LM": ("model=gpt_nano",),
    "masked LM of whole words": ("model=bert_nano", "objective=masked_lm", "objective.whole_words=chinese"),
    "another text": ("model=rnn_seq2seq_nano", "objective=denoising"),
    "counting": ("model=ngram",),
    "word vectors": ("model=fasttext_nano", "objective=skip_gram", "optimizer=plain_sgd", "tokenizer=word"),
    "co-occurrences": ("model=glove", "objective=glove", "optimizer=adagrad", "tokenizer=word"),
    "weights of a folder": ("init=some/folder",),
    "a model of transformers": ("model=hf_encoder", "objective=masked_lm"),
}
OF_FOLDERS = ("weights of a folder", "a model of transformers")
TRACED = """
import json, runpy, sys, threading
from pathlib import Path
sys.path.insert(0, "src")
import assay.trainer.fit as fit
real, package, executed = fit.train, str(Path("src/assay").resolve()), set()

def note(frame, event, argument):
    executed.add(frame.f_code.co_filename)

def train(*arguments):
    sys.setprofile(note)
    threading.setprofile(note)
    try:
        return real(*arguments)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)

fit.train = train
jobs, found = json.loads(sys.argv[1]), []
for words in jobs:
    executed.clear()
    sys.argv = ["src/train.py", *words]
    try:
        runpy.run_path("src/train.py", run_name="__main__")
    except SystemExit as end:
        assert not end.code, words
    found.append(sorted("src/assay" + name.removeprefix(package) for name in executed if name.startswith(package)))
print(json.dumps(found))
"""
"""Trains by each list of words, and prints the project files of which a function was called meanwhile."""
TINY = (
    *("data=tiny", "trainer=smoke", "trainer.threads=1", "trainer.max_steps=2", "trainer.tokens_per_step=64"),
    *("trainer.sequences_per_microbatch=2", "evaluation.sample_tokens=8", "tokenizer.vocab_size=300"),
)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def config_of(name: str) -> TrainConfig:
    return load("train", list(CONFIGS[name]), TrainConfig)


@cache
def code_of(name: str) -> dict[str, str]:
    return shaping_code(config_of(name))


def everything(name: str) -> set[str]:
    """What training imports with this config, the modules of OUTSIDE included."""
    config = config_of(name)
    built = (config.model, config.objective, config.optimizer, config.schedule, config.data)
    return set(closure([TRAINING, *(str(group._target_).rpartition(".")[0] for group in built)]))


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Each file that counts for one of the configs."""
    for path in sorted({path for name in CONFIGS for path in code_of(name)}):
        yield path, ast.parse((ROOT / path).read_bytes())


def test_another_body_of_any_function_is_another_hash() -> None:
    functions = 0
    for path, tree in sources():
        before = tree_sha256(tree)
        assert all(code_of(name).get(path, before) == before for name in CONFIGS)
        for function in [node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]:
            functions += 1
            function.body.insert(0, ast.Return(ast.Constant(0)))
            assert tree_sha256(tree) != before, f"{path}:{function.lineno} {function.name}"
            function.body.pop(0)
            returned = [node for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
            for node in returned[:1]:
                value, node.value = node.value, ast.Constant("another value")
                assert tree_sha256(tree) != before, f"{path}:{node.lineno}"
                node.value = value
        assert tree_sha256(tree) == before
    assert functions > 400


class OtherWords(ast.NodeTransformer):
    """Rewrites docstrings, the help of settings and the literal words of errors and of what is printed."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return ast.Expr(ast.Constant("Other words."))
        if isinstance(node.value, ast.Call) and ast.unparse(node.value.func).rpartition(".")[2] in ("print", "say"):
            node.value.args = [self.other(argument) for argument in node.value.args]
        return self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if isinstance(node.exc, ast.Call):
            node.exc.args = [self.other(argument) for argument in node.exc.args]
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        for keyword in node.keywords if ast.unparse(node.func) == "setting" else ():
            if keyword.arg == "help":
                keyword.value = ast.Constant("Other words.")
        return self.generic_visit(node)

    def other(self, text: ast.expr) -> ast.expr:
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            return ast.Constant("other")
        if isinstance(text, ast.JoinedStr):
            return ast.JoinedStr([ast.Constant("other"), *(part for part in text.values if isinstance(part, ast.FormattedValue))])
        return text


def test_other_comments_docstrings_and_messages_are_the_same_hash() -> None:
    changed = 0
    for path, tree in sources():
        before, text = tree_sha256(tree), ast.unparse(tree)
        other = ast.unparse(ast.fix_missing_locations(OtherWords().visit(tree)))
        changed += other != text
        assert tree_sha256(ast.parse("# a comment\n" + other)) == before, path
    assert changed > 50


@pytest.mark.parametrize("name", ["causal LM", "masked LM of whole words", "co-occurrences", "a model of transformers"])
def test_an_edit_of_a_file_changes_the_code_of_a_run_unless_it_is_named_outside(name: str, tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src/assay", tmp_path / "src/assay", ignore=ignored)
    config, inside, parts = config_of(name), set(code_of(name)), everything(name)
    before = shaping_code(config, tmp_path)
    assert before == code_of(name)
    outside = {**OUTSIDE, **({} if name in OF_FOLDERS else OUTSIDE_WITHOUT_FOLDER)}
    only_outside = set(closure(list(outside))) - inside
    for path in sorted(parts):
        file = tmp_path / path
        original = file.read_bytes()
        file.write_bytes(original + b"\n\ndef another() -> int:\n    return 1\n")
        assert (shaping_code(config, tmp_path) != before) == (path in inside), path
        file.write_bytes(original)
        assert path in inside or path in only_outside, path
    assert shaping_code(config, tmp_path) == before


def test_each_module_named_outside_is_imported_by_training() -> None:
    found = everything("weights of a folder")
    named = {f"src/{module.replace('.', '/')}.py" for module in (*OUTSIDE, *OUTSIDE_WITHOUT_FOLDER)}
    assert named <= found
    assert all(reason for reason in (*OUTSIDE.values(), *OUTSIDE_WITHOUT_FOLDER.values()))


def test_each_package_that_counted_code_imports_is_in_the_environment_or_named_outside() -> None:
    distributions = packages_distributions()
    imported: set[str] = set()
    for _, tree in sources():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            imported |= {name.partition(".")[0] for name in names}
    packages = {distributions[name][0] for name in imported - set(sys.stdlib_module_names) - {"assay"}}
    assert packages <= {*NUMERIC_PACKAGES, *OPTIONAL_PACKAGES, *PACKAGES_OUTSIDE}
    assert {"numba", "llvmlite", "tokenizers"} <= packages


def test_optional_packages_count_for_the_runs_that_use_them() -> None:
    assert "rjieba" in shaping_packages(config_of("masked LM of whole words"))
    assert "transformers" in shaping_packages(config_of("a model of transformers"))
    assert not {"rjieba", "transformers"} & set(shaping_packages(config_of("causal LM")))


def test_what_a_training_calls_is_what_its_imports_say(
    project: Callable[..., Path], run: Callable[..., Any], tiny_text: Callable[[Path], Path]
) -> None:
    """No import by name, which the import closure can't see, brings in code that is not counted."""
    folder = project()
    tiny_text(folder)
    names = ["causal LM", "masked LM of whole words", "word vectors"]
    words = [[*CONFIGS[name], *TINY] for name in names]
    done = run(folder, sys.executable, "-c", TRACED, json.dumps(words))
    assert done.returncode == 0, done.stderr
    for name, executed in zip(names, json.loads(done.stdout.splitlines()[-1]), strict=True):
        assert {"src/assay/trainer/fit.py", "src/assay/tokenizer/tokenizer.py"} <= set(executed)
        assert set(executed) <= everything(name)
