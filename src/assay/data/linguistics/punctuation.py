"""Punctuation in one form: plain marks in English, full-width ones in Chinese (AutoCorrect's rules), none twice; or no marks at all."""

import re
import unicodedata
from collections.abc import Iterator

from assay.data.linguistics.words import needed

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
        **dict.fromkeys("\u2014\u2015", "--"),
        "\u2026": "...",
    }
)
_REPEATED = re.compile(r"([!?,;:\uff01\uff1f\uff0c\uff1b\uff1a\u3001\u3002~\uff5e])\1+")
_BLANKS = re.compile(r"[ \t]{2,}")
_DOTS = re.compile(r"\.{2,}")
_CHINESE_DOTS = re.compile("\\.{2,}|\u3002{2,}|\u2026+")
_BLANK_BEFORE = re.compile(r"(?<=\w) +(?=[,;:!?.](?:\s|$))", re.MULTILINE)
_HAN = "\u3400-\u9fff"
_AFTER_HAN = re.compile(f"(?<=[{_HAN}\u2026\u201d\u300b\uff09])[ \t]*([,;:!?.])[ \t]*(?=[{_HAN}\u201c\u300a\uff08]|$)", re.MULTILINE)
_FULL = str.maketrans(",;:!?.", "\uff0c\uff1b\uff1a\uff01\uff1f\u3002")


def normalised(text: str, language: str) -> str:
    return _english(text) if language == "en" else _chinese(text)


def removed(text: str) -> str:
    """Without marks, but those inside a word: don't, well-known, 3.5. What stood on both sides of one stays apart."""
    return _BLANKS.sub(" ", "".join(_without(text))).strip(" ")


def _without(text: str) -> Iterator[str]:
    for place, character in enumerate(text):
        if not unicodedata.category(character).startswith("P"):
            yield character
        else:
            joins = character in "'-.,\u2019" and _of_a_word(text[place - 1 : place]) and _of_a_word(text[place + 1 : place + 2])
            yield character if joins else " "


def _of_a_word(character: str) -> bool:
    return character.isalnum() and character < "\u2e80"


def _english(text: str) -> str:
    text = _REPEATED.sub(r"\1", text.translate(_PLAIN))
    return _BLANK_BEFORE.sub("", _DOTS.sub("...", text))


def _chinese(text: str) -> str:
    """AutoCorrect leaves marks whose other side it can't tell, and takes the last of three dots for a full stop: those come first."""
    text = _REPEATED.sub(r"\1", _CHINESE_DOTS.sub("\u2026\u2026", text))
    text = _AFTER_HAN.sub(lambda match: match[1].translate(_FULL), text)
    formatted = needed("autocorrect_py", "autocorrect-py>=2.14").format
    return "\n".join([formatted(line) for line in text.split("\n")])  # by lines: it reads a text of several as Markdown
