"""The bytes that each token of a tokenizer.json adds to a text, read from its decoder, and what its kind keeps of a text."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from assay.errors import DataError
from assay.tokenizer.alphabet import BYTE_CHARACTERS, CONTINUES, METASPACE, byte_token, bytes_of

_KEEPING: dict[str, Callable[[dict[str, Any]], bool]] = {
    "ByteLevel": lambda part: not part.get("add_prefix_space", True),
    "Split": lambda part: part.get("behavior") != "Removed",
    "Punctuation": lambda part: part.get("behavior") != "Removed",
    "Digits": lambda part: True,
    "UnicodeScripts": lambda part: True,
    "FixedLength": lambda part: True,
}
"""Pre-tokenizers that only cut a text, and with which settings; others take blanks away or put some in."""
_KNOWN = {"ByteLevel", "WordPiece", "Metaspace", "Replace", "ByteFallback", "Fuse", "Strip"}


class Spelling:
    """`opening_blank`: whether a text begins with a blank that is not its own. `lossless`: whether the kind gives every text back.

    `unknown`: the id of what can't be spelled, or None. Raises DataError for a decoder of another form.
    """

    def __init__(self, definition: dict[str, Any]) -> None:
        decoders = list(_parts(definition.get("decoder"), "decoders"))
        kinds = {part["type"] for part in decoders}
        if not kinds or not kinds <= _KNOWN:
            raise DataError(
                f"tokenizer.json has decoder {', '.join(sorted(kinds)) or 'null'}; expected one made of {', '.join(sorted(_KNOWN))}.\n"
                "  Use another tokenizer."
            )
        self._byte_level, self._pieces = "ByteLevel" in kinds, "WordPiece" in kinds
        replaced = any(part["type"] == "Replace" and part["pattern"].get("String") == METASPACE for part in decoders)
        self._metaspace = "Metaspace" in kinds or replaced
        kept_blank = any(part.get("prepend_scheme") == "never" for part in decoders)
        self.opening_blank = self._pieces or ("Metaspace" in kinds and not kept_blank) or any(part.get("start") for part in decoders)
        self.unknown = _unknown(definition["model"])
        self.lossless = self._keeps_all(definition)
        self._added = {token["content"] for token in definition["added_tokens"]}

    def token_bytes(self, token: str) -> bytes:
        if self._pieces:
            return token[len(CONTINUES) :].encode() if token.startswith(CONTINUES) else b" " + token.encode()
        if token in self._added:
            return token.encode()
        return bytes_of(token.replace(METASPACE, " ") if self._metaspace else token, self._byte_level)

    def _keeps_all(self, definition: dict[str, Any]) -> bool:
        """Nothing is changed before the model sees it, and the model can spell every byte."""
        vocabulary = definition["model"]["vocab"]
        known = set(vocabulary) if isinstance(vocabulary, dict) else {piece for piece, _ in vocabulary}
        words = list(_parts(definition.get("pre_tokenizer"), "pretokenizers"))
        if definition.get("normalizer") or self._metaspace or self._pieces:
            return False
        if any(part["type"] not in _KEEPING or not _KEEPING[part["type"]](part) for part in words):
            return False
        # An added token that is no control token is found in texts, and takes the blanks beside it along.
        if any(not token["special"] and (token.get("lstrip") or token.get("rstrip")) for token in definition["added_tokens"]):
            return False
        model = definition["model"]
        if model.get("type", "BPE") not in ("BPE", "Unigram") or model.get("continuing_subword_prefix") or model.get("end_of_word_suffix"):
            return False
        if self._byte_level:
            return any(part["type"] == "ByteLevel" for part in words) and set(BYTE_CHARACTERS) <= known
        return bool(definition["model"].get("byte_fallback")) and {byte_token(byte) for byte in range(256)} <= known


def _parts(node: dict[str, Any] | None, name: str) -> Iterator[dict[str, Any]]:
    """A decoder or pre-tokenizer, and those inside a sequence."""
    if node is not None and node["type"] == "Sequence":
        for part in node[name]:
            yield from _parts(part, name)
    elif node is not None:
        yield node


def _unknown(model: dict[str, Any]) -> int | None:
    if isinstance(model.get("unk_id"), int):
        return int(model["unk_id"])
    found = model["vocab"].get(model.get("unk_token")) if isinstance(model["vocab"], dict) else None
    return int(found) if found is not None else None


def definition_of(content: bytes) -> dict[str, Any]:
    """Raises DataError for what is no tokenizer.json."""
    try:
        definition: dict[str, Any] = json.loads(content)
        definition["model"]["vocab"], definition["added_tokens"]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"this is no tokenizer.json ({error!r}).\n  Run: python src/learn_tokenizer.py") from None
    return definition


def ids_of(definition: dict[str, Any]) -> list[int]:
    """The ids of all tokens, those that were added too; a token that is in both lists comes twice."""
    vocabulary = definition["model"]["vocab"]
    ids = [int(number) for number in vocabulary.values()] if isinstance(vocabulary, dict) else list(range(len(vocabulary)))
    return ids + [int(token["id"]) for token in definition["added_tokens"]]
