"""How often the encoding of a real document, written again in it, is told rightly, beside charset-normalizer."""

import time
from collections.abc import Callable
from typing import Any

from translations import Page, pages

from assay.data.cleaning.detection import detect_encoding
from assay.data.cleaning.drop import Drop
from assay.data.order import keyed

SIZES = (100, 1000, 10_000, 100_000)
DOCUMENTS = {100: 600, 1000: 300, 10_000: 60, 100_000: 12}
ANY = ("utf-8", "utf-16-le", "utf-16-be")
ENCODINGS = {
    **dict.fromkeys(("en", "fr", "de"), (*ANY, "cp1252")),
    "zh-Hans": (*ANY, "gb18030"),
    "zh-Hant": (*ANY, "big5", "gb18030"),
    "ja": (*ANY, "shift_jis"),
}


def measure() -> dict[str, Any]:
    found = pages()
    rows = []
    seconds = {"ours": 0.0, "peer": 0.0}
    sizes = {"ours": 0, "peer": 0}
    peer = {"right": 0, "all": 0, "ours": 0}
    for language, encodings in ENCODINGS.items():
        for encoding in encodings:
            made = {size: documents(found, language, encoding, size) for size in SIZES}
            row = [f"{language} in {encoding}"]
            for size in SIZES:
                right = sum(_right(detect_encoding, content, text, "ours", seconds, sizes) for content, text in made[size])
                row.append(f"{100 * right / len(made[size]):.1f} % of {len(made[size])}")
            rows.append(row)
            for content, text in made[1000][:10] + made[100][:10]:
                peer["ours"] += _right(detect_encoding, content, text, "ours", seconds, sizes)
                peer["right"] += _right(_peer, content, text, "peer", seconds, sizes)
                peer["all"] += 1
    rates = {name: sizes[name] / 1e6 / seconds[name] for name in sizes}
    return {
        "title": "Detection of encodings",
        "text": "Documents cut at chance from the Debian books in each language, written in an encoding, that hold something outside ASCII; right is what "
        f"gives the same text back. {rates['ours']:.0f} MB per CPU-second over all. charset-normalizer 3 on {peer['all']} of the documents of 100 and "
        f"1,000 bytes: {100 * peer['right'] / peer['all']:.1f} % right at {rates['peer']:.1f} MB per CPU-second; ours on the same: "
        f"{100 * peer['ours'] / peer['all']:.1f} %.",
        "columns": ["document", *(f"{size:,} bytes" for size in SIZES)],
        "rows": rows,
    }


def documents(found: list[Page], language: str, encoding: str, size: int) -> list[tuple[bytes, str]]:
    text = "\n".join(page.text for page in found if page.language == language)
    made: list[tuple[bytes, str]] = []
    number = 0
    while len(made) < DOCUMENTS[size]:
        start = keyed(1, f"{language} {encoding} {size}", str(number)) % (len(text) - size)
        number += 1
        kept = text[start : start + size].encode(encoding, "ignore").decode(encoding)
        kept = kept[: max(1, len(kept) * size // len(kept.encode(encoding)))]
        if not kept.isascii() or encoding.startswith("utf-16"):
            made.append((kept.encode(encoding), kept))
    return made


def _right(detect: Callable[[bytes], Any], content: bytes, text: str, name: str, seconds: dict[str, float], sizes: dict[str, int]) -> bool:
    started = time.process_time()
    encoding = detect(content)
    seconds[name] += time.process_time() - started
    sizes[name] += len(content)
    try:
        return not isinstance(encoding, Drop) and encoding is not None and content.decode(encoding) == text
    except UnicodeError:
        return False


def _peer(content: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(content).best()
    return None if best is None else best.encoding
