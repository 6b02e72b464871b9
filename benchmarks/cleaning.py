"""The whole of cleaning, from JSONL files to token files, beside the same filters of datatrove: CPU seconds, start-up included, and memory.

PEERS_PYTHON names a Python with the packages of benchmarks/peers.txt (default .venv-peers, which `make peers` makes).
"""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from near_dedup_texts import texts_of
from workshop import ROOT, run, workshop

SMALL_MEGABYTES = 16
MEGABYTES = 100
LARGE_MEGABYTES = 2000
PEER_MEGABYTES = 10
"""datatrove reads as much as it needs a minute for: its cost is linear, its start-up is in the figure."""
FILE_MEGABYTES = 16
CORPORA = ("evals", "boolq")
MOVED = (45, 46, 47)
"""Of gopher.min_words, in place of 50."""
EARLIER = 1000
"""Documents of which edited copies are made."""
CORPUS = "language: en\nlicence: of its sources\nsources: [{{folder: {folder}}}]\ncontext_tokens: 256\n"
RECIPE = """\
min_characters: 10
languages: [en]
rules: [{{languages: [en], repetition: {{}}, gopher: {{}}, c4: {{}}}}]
near_dedup: {{}}
held_out: {{at_most: 1}}
words: {words}
"""


@dataclass(frozen=True)
class Cost:
    cpu_seconds: float
    peak_mib: int
    """Of the largest process."""
    output: str


def measure() -> dict[str, Any]:
    rows = []
    with workshop() as folder:
        run(folder, "src/collect.py", "shakespeare", *CORPORA)
        (folder / "data").unlink()  # what follows is to leave the project's own data alone
        (folder / "data").mkdir()
        (folder / "data/raw").symlink_to(ROOT / "data/raw")
        tokenizer = _tokenizer(folder)
        cold, warm = (_ours(folder, "small", SMALL_MEGABYTES, "fast") for _ in range(2))
        for name, megabytes, words in (
            ("hundred", MEGABYTES, "fast"), ("hundred", MEGABYTES, "reference"), ("large", LARGE_MEGABYTES, "fast")
        ):  # fmt: skip
            rows.append(_row(f"Assay, words={words}", megabytes, _ours(folder, name, megabytes, words)))
            print(rows[-1], flush=True)
        decided = min((_redecided(folder, "large", words) for words in MOVED), key=lambda found: found.cpu_seconds)
        write_corpus(folder / "peer", PEER_MEGABYTES)
        python = os.environ.get("PEERS_PYTHON", str(ROOT / ".venv-peers/bin/python"))
        script = str(ROOT / "benchmarks/cleaning_peer.py")
        rows.append(
            _row("datatrove", PEER_MEGABYTES, cost(folder, python, script, str(folder / "peer"), str(tokenizer), str(folder / "out")))
        )
        print(rows[-1], flush=True)
    peer = float(rows[-1][3])
    return {
        "title": "Cleaning, from JSONL to tokens",
        "text": "English text of `evals` and `boolq`, grown by mixing its paragraphs; every twentieth document is an edited copy. Repetition "
        "and quality rules of Gopher, C4's rules, MinHash, BPE tokens; ours also identifies the language, for which datatrove would fetch a "
        f"model, and writes card and report. The whole commands with their start, one process each, kernels compiled; to compile them once took "
        f"{cold.cpu_seconds - warm.cpu_seconds:.0f} CPU seconds more. Memory is that of the largest process. "
        f"Another threshold tried on the {LARGE_MEGABYTES:,} MB (`dry_run=true`, measured before, start and verification included): "
        f"{decided.cpu_seconds:.1f} CPU seconds, {decided.peak_mib} MiB.",
        "columns": ["program", "MB", "CPU seconds", "MB per CPU-second", "peak RSS, MiB", "times datatrove"],
        "rows": [[*row, f"{float(row[3]) / peer:.1f}"] for row in rows],
    }


def _row(program: str, megabytes: int, found: Cost) -> list[str]:
    return [program, f"{megabytes:,}", f"{found.cpu_seconds:.1f}", f"{megabytes / found.cpu_seconds:.3f}", f"{found.peak_mib:,}"]


def _tokenizer(folder: Path) -> Path:
    """tokenizer.json of a BPE learnt on Shakespeare, where tokenizer=pretrained looks for it."""
    for verb in ("clean", "learn_tokenizer"):
        run(folder, f"src/{verb}.py", "data=shakespeare")
    place = folder / "models/pretrained/tokenizer.json"
    place.parent.mkdir(parents=True)
    shutil.copy(folder / "data/tokenizer/shakespeare-bpe/tokenizer.json", place)
    return place


def _ours(folder: Path, name: str, megabytes: int, words: str) -> Cost:
    corpus = folder / name
    if not corpus.exists():
        write_corpus(corpus, megabytes)
        (folder / f"conf/data/{name}.yaml").write_text(CORPUS.format(folder=corpus), encoding="utf-8")
        run(folder, "src/collect.py", name)
    (folder / "conf/cleaning/engine.yaml").write_text(RECIPE.format(words=words), encoding="utf-8")
    for kept in ("measured", "tokens"):
        shutil.rmtree(folder / "data/cache" / kept, ignore_errors=True)
    words_of_all = (f"data={name}", "cleaning=engine", "data.workers=1")
    stages = [
        cost(folder, sys.executable, "src/clean.py", *words_of_all),
        cost(folder, sys.executable, "src/learn_tokenizer.py", *words_of_all, "tokenizer=pretrained"),
        cost(folder, sys.executable, "src/encode.py", *words_of_all, "tokenizer=pretrained"),
    ]
    print(name, [(round(stage.cpu_seconds, 1), stage.peak_mib) for stage in stages], stages[0].output.splitlines()[-2:], flush=True)
    return Cost(sum(stage.cpu_seconds for stage in stages), max(stage.peak_mib for stage in stages), stages[0].output)


def _redecided(folder: Path, name: str, min_words: int) -> Cost:
    recipe = RECIPE.format(words="fast").replace("gopher: {}", f"gopher: {{min_words: {min_words}}}")
    (folder / "conf/cleaning/engine.yaml").write_text(recipe, encoding="utf-8")
    found = cost(folder, sys.executable, "src/clean.py", f"data={name}", "cleaning=engine", "data.workers=1", "dry_run=true")
    print(f"min_words={min_words}: {found.cpu_seconds:.1f} CPU s, {found.peak_mib} MiB", flush=True)
    return found


def cost(folder: Path, *command: str) -> Cost:
    """Of a command and its children."""
    with (folder / "said").open("w+b") as said:
        child = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        output = said.read().decode()
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}:\n{output[-4000:]}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, output)


def write_corpus(folder: Path, megabytes: int) -> None:
    """jsonl files of documents, every twentieth an edited copy of one before it, every fiftieth a line of junk."""
    folder.mkdir(parents=True)
    made = documents()
    files = max(8, megabytes // FILE_MEGABYTES)
    for number in range(files):
        left = megabytes * 1e6 / files
        with (folder / f"part-{number}.jsonl").open("w", encoding="utf-8") as file:
            while left > 0:
                line = json.dumps({"text": next(made)}, ensure_ascii=False) + "\n"
                file.write(line)
                left -= len(line.encode())


def documents() -> Iterator[str]:
    """Paragraphs of one to five sentences that stood together in a passage, up to twelve of them from all over the corpora."""
    chosen = random.Random(1)
    passages = [re.split(r"(?<=[.!?]) +", text) for corpus in CORPORA for text in texts_of(corpus)]
    earlier: list[list[str]] = []
    number = 0
    while True:
        number += 1
        if number % 50 == 0:
            yield " ".join(chosen.choices("#$%&/()=?", k=60))
            continue
        if number % 20 == 0 and earlier:
            text = list(chosen.choice(earlier))
            text[chosen.randrange(len(text))] = _paragraph(chosen, passages)
        else:
            text = [_paragraph(chosen, passages) for _ in range(chosen.randint(1, 12))]
        if len(earlier) < EARLIER:
            earlier.append(text)
        else:
            earlier[chosen.randrange(EARLIER)] = text
        yield "\n\n".join(text)


def _paragraph(chosen: random.Random, passages: list[list[str]]) -> str:
    passage = chosen.choice(passages)
    start = chosen.randrange(len(passage))
    return " ".join(passage[start : start + chosen.randint(1, 5)])


if __name__ == "__main__":
    started = time.perf_counter()
    write_corpus(Path(sys.argv[1]), int(sys.argv[2]))
    print(f"{time.perf_counter() - started:.0f} s")
