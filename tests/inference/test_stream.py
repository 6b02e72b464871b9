"""python src/generate.py RUN PROMPT"""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

from assay.inference.load import load_run
from assay.inference.schema import GenerateConfig
from assay.inference.stream import continuation

LOADED = """
import runpy, sys
sys.path.insert(0, "src")
sys.argv = ["src/generate.py", *sys.argv[1:]]
try:
    runpy.run_path("src/generate.py", run_name="__main__")
except SystemExit as end:
    heavy = sorted({"pytorch_lightning", "mlflow", "assay.trainer.fit", "dvc", "transformers"} & set(sys.modules))
    print(end.code, heavy, file=sys.stderr)
"""


def test_the_pieces_are_the_whole_text_and_no_character_is_halved(trained: Any) -> None:
    found = load_run(trained.folder)
    pieces = list(continuation(found, "", GenerateConfig(max_new_tokens=300, seed=5, temperature=2.0)))
    assert len(pieces) > 10
    assert "".join(pieces).encode()
    assert "".join(continuation(found, "", GenerateConfig(max_new_tokens=300, seed=5, temperature=2.0))) == "".join(pieces)


def test_text_comes_while_more_is_drawn(trained: Any) -> None:
    command = [sys.executable, "src/generate.py", "latest", "To be, or", "max_new_tokens=1000000", "temperature=0"]
    with subprocess.Popen(command, cwd=trained.project, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        try:
            assert child.stdout.read(20).startswith(b"To be, or")
            assert child.poll() is None
        finally:
            child.stdout.close()  # as `head` does: the next piece finds no reader
        assert child.wait(timeout=60) == 0
        assert child.stderr.read() == b""


def test_a_run_is_found_by_its_name_and_drawn_without_training_code(trained: Any) -> None:
    command = [sys.executable, "-c", LOADED, "gpt_nano_tiny", "--limit, 数", "max_new_tokens=9", "temperature=0"]
    done = subprocess.run(command, cwd=trained.project, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.startswith("--limit, 数")
    assert done.stderr == "0 []\n"


def test_an_unknown_run_is_refused_with_the_nearest_name(trained: Any, run: Callable[..., Any]) -> None:
    refused = run(trained.project, "src/generate.py", "gpt_nano_tyni", "To be", cold=True)
    assert refused.returncode == 2
    assert "no run has the id or name 'gpt_nano_tyni'; did you mean gpt_nano_tiny?" in refused.stderr
    assert refused.cpu_seconds < 2
