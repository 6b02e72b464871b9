"""How often the language of a text is told rightly, and how fast."""

import time
from collections import Counter
from typing import Any

from translations import Page, Piece, pages, pieces

from assay.data.batch import TextBatch
from assay.data.language.identify import identify
from assay.data.language.names import LANGUAGES

SIZES = (200, 500, 2000)
PIECES = 1500
OWN, MIXED = 0.25, 0.6


def measure() -> dict[str, Any]:
    found = pages()
    by_size = {size: pieces(found, size, PIECES) for size in SIZES}
    told = {size: _told(made) for size, made in by_size.items()}
    rows = []
    for language in sorted({page.language for page in found}):
        kinds = (_rest(language, by_size, told, OWN, MIXED), _rest(language, by_size, told, MIXED, 1.0))
        rows.append([language, *(_accuracy(language, by_size[size], told[size]) for size in SIZES), *kinds])
    speeds = ", ".join(f"{size:,}: {_speed(found, size)}" for size in (*SIZES, 4000, 16_000))
    return {
        "title": "Language identification",
        "text": "Right answers for pieces of the Debian handbook and the Debian reference, without their listings (`<pre>`), by characters a "
        "piece. Translations leave commands, names, sentences and whole paragraphs in English. The first columns are of pieces of which at "
        "most a quarter stands so in the English edition too; the last two say what was told of the others, of all lengths. "
        f"English megabytes per CPU-second, by characters a document: {speeds}.",
        "columns": ["language", *(f"{size} characters" for size in SIZES), "25 to 60 % English", "more"],
        "rows": rows,
    }


def _told(made: list[Piece]) -> list[str]:
    return [LANGUAGES[code] for code in identify(TextBatch.of(piece.text for piece in made))[0]]


def _accuracy(language: str, made: list[Piece], told: list[str]) -> str:
    answers = [name for piece, name in zip(made, told, strict=True) if piece.language == language and _own(piece)]
    wrong = Counter(name for name in answers if name != language)
    share = 100 * (len(answers) - wrong.total()) / max(1, len(answers))
    return f"{share:.2f} % of {len(answers):,}" + (
        f" ({', '.join(f'{count} {name}' for name, count in wrong.most_common(3))})" if wrong else ""
    )


def _own(piece: Piece) -> bool:
    return piece.language == "en" or piece.english <= OWN


def _rest(language: str, by_size: dict[int, list[Piece]], told: dict[int, list[str]], above: float, at_most: float) -> str:
    said = Counter(
        name
        for size in SIZES
        for piece, name in zip(by_size[size], told[size], strict=True)
        if piece.language == language != "en" and above < piece.english <= at_most
    )
    return ", ".join(f"{count} {name}" for name, count in said.most_common(4))


def _speed(found: list[Page], characters: int) -> str:
    text = "\n".join(page.prose for page in found if page.language == "en")
    batch = TextBatch.of(text[start : start + characters] for start in range(0, len(text), characters))
    identify(batch)
    started = time.process_time()
    for _ in range(5):
        identify(batch)
    return f"{5 * len(batch.content) / 1e6 / (time.process_time() - started):.0f}"
