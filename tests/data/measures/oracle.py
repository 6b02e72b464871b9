"""The measurements from their definitions, in plain Python: slow, and with nothing of the kernels in it. Words are given."""

import re
import unicodedata
from collections import Counter

from assay.data.measures.classes import HANS, NO_SENTENCE_END, SYMBOLS, TERMINALS, code_points


def characters(ranges: str) -> set[str]:
    return {chr(point) for point in code_points(ranges).tolist()}


TERMINAL = characters(TERMINALS)
SYMBOL = TERMINAL | characters(SYMBOLS)
SENTENCE = TERMINAL - characters(NO_SENTENCE_END)
HAN = characters(HANS)


def is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("P")


def repeats(parts: list[str]) -> tuple[int, int]:
    again = [part for at, part in enumerate(parts) if part in parts[:at]]
    return len(again), sum(map(len, again))


def of_text(text: str, short: int = 30) -> dict[str, int]:
    lines = text.splitlines()
    filled = [line for line in text.split("\n") if line.strip()]
    split = re.split("\n+", text) if text else []
    paragraphs = re.split("\n{2,}", text.strip())
    head = "\n".join(text.split("\n")[:5]).encode()[:1000].decode(errors="ignore").lower()
    runs = re.split(
        "[" + re.escape("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029") + "]", "".join("\n" if is_mark(letter) else letter for letter in text)
    )
    return {
        "characters": len(text),
        "letters": sum(letter.isalpha() for letter in text),
        "digits": len(re.findall("[0-9]", text)),
        "capitals": len(re.findall("[A-Z]", text)),
        "blanks": sum(letter.isspace() for letter in text),
        "newlines": text.count("\n"),
        "hashes": text.count("#"),
        "ellipses": text.count("...") + text.count("\u2026"),
        "curly_brackets": text.count("{") + text.count("}"),
        "lorem_ipsum": int(re.search("lorem ipsum", text, re.ASCII | re.IGNORECASE) is not None),
        "han": sum(letter in HAN for letter in text),
        "wide_punctuation": sum(is_mark(letter) and not letter.isascii() for letter in text),
        "longest_han_run": max(sum(letter in HAN for letter in run) for run in runs),
        "lines": len(lines),
        "bullet_lines": sum(line.lstrip().startswith(("-", "\u2022")) for line in lines),
        "ellipsis_lines": sum(line.rstrip().endswith(("...", "\u2026")) for line in lines),
        "filled_lines": len(filled),
        "ended_lines": sum(line[-1] in TERMINAL for line in filled),
        "short_lines": sum(len(line) <= short for line in filled),
        "repeated_filled_characters": repeats(filled)[1],
        "longest_line": max(map(len, text.split("\n"))),
        "split_lines": len(split),
        "repeated_lines": repeats(split)[0],
        "repeated_line_characters": repeats(split)[1],
        "paragraphs": len(paragraphs),
        "repeated_paragraphs": repeats(paragraphs)[0],
        "repeated_paragraph_characters": repeats(paragraphs)[1],
        "generated_marks": len(re.findall("(?:auto-|auto|automatically )generated", head, re.ASCII)) + head.count("do not edit"),
        "xml_head": int(re.search("<\\?xml", text.encode()[:105].decode(errors="ignore"), re.ASCII | re.IGNORECASE) is not None),
    }


def of_words(words: list[str], stop_words: tuple[str, ...] = ()) -> dict[str, int]:
    plain = [word for word in words if any(letter not in SYMBOL for letter in word)]
    found = {
        "words": len(words),
        "plain_words": len(plain),
        "plain_word_characters": sum(map(len, plain)),
        "alphabetic_words": sum(any(letter.isalpha() for letter in word) for word in words),
        "stop_words": sum(1 << at for at, word in enumerate(stop_words) if word in words),
    }
    for size in range(2, 5):
        grams = Counter(" ".join(words[at : at + size]) for at in range(len(words) - size + 1))
        found[f"top_{size}_gram"] = (
            max((len(gram) * grams[gram] for gram in [max(grams, key=lambda gram: grams[gram])]), default=0) if grams else 0
        )
    for size in range(5, 11):
        found[f"repeated_{size}_grams"] = repeated_characters(words, size)
    return found


def repeated_characters(words: list[str], size: int) -> int:
    """Reading from the start: a known n-gram is counted and stepped over, an unknown one remembered."""
    seen: set[tuple[str, ...]] = set()
    at = total = 0
    while at + size <= len(words):
        gram = tuple(words[at : at + size])
        if gram in seen:
            total += sum(map(len, gram))
            at += size
        else:
            seen.add(gram)
            at += 1
    return total
