"""A vocabulary that came with somebody's model, read from the tokenizer.json of a local folder and nothing else of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tokenizers

from assay.errors import DataError
from assay.files import project_path
from assay.tokenizer.alphabet import END_OF_DOCUMENT, end_of_document
from assay.tokenizer.schema import PretrainedSchema
from assay.tokenizer.spelling import ids_of

_LOOKS_LIKE_CONTROL = re.compile(r"<.+>|\[.+\]", re.DOTALL)
_NO_HOLES = "a Unigram vocabulary can't have.\n  Use another tokenizer."
FILE = "tokenizer.json"


class Pretrained:
    """The tokenizer as it is, with `<|endoftext|>` added if it has none, and nothing cut, padded or put around a text.

    Raises DataError if the folder has no tokenizer.json that the library reads, or if a text could spell one of its control tokens.
    """

    def __init__(self, config: PretrainedSchema) -> None:
        self.config = config

    def learn(self, texts: Iterator[str]) -> tokenizers.Tokenizer:
        """There is nothing to learn; `texts` is not read."""
        path = self.file()
        try:
            definition = json.loads(path.read_bytes())
            guarded = _without_gaps(_guarded(definition), path)
            tokenizer = tokenizers.Tokenizer.from_str(json.dumps(guarded))
        except DataError:
            raise
        except FileNotFoundError:
            raise DataError(
                f"tokenizer.path={self.config.path} holds no {FILE} (looked for {path}).\n  Give a folder that holds one."
            ) from None
        except Exception as error:  # the library raises bare Exception for a file it can't read
            raise DataError(f"{path} is no tokenizer that the `tokenizers` library reads: {error}") from None
        if tokenizer.token_to_id(END_OF_DOCUMENT) is None:
            tokenizer.add_special_tokens([end_of_document()])
        _refuse_other_ids(tokenizer, guarded, path)
        _refuse_spelled_control_tokens(tokenizer, path)
        return tokenizer

    def file(self) -> Path:
        """A relative path begins at the project."""
        return project_path(self.config.path) / FILE


def _guarded(definition: dict[str, Any]) -> dict[str, Any]:
    """Without cutting, padding and templates; added tokens that look like control tokens are treated as such, so no text spells them."""
    added = [
        {**token, "special": token["special"] or bool(_LOOKS_LIKE_CONTROL.fullmatch(token["content"]))}
        for token in definition["added_tokens"]
    ]
    return {**definition, "added_tokens": added, "truncation": None, "padding": None, "post_processor": None}


def _without_gaps(definition: dict[str, Any], path: Path) -> dict[str, Any]:
    """A vocabulary with holes in its ids, in a form that the library reads with those ids.

    The library numbers added tokens on from the count of the others, so where ids have holes it would give an added token, and the end of
    a document, the id of another. A token that is in the model's vocabulary besides keeps the id that it has there.
    """
    ids, vocabulary = ids_of(definition), definition["model"]["vocab"]
    if not ids or len(set(ids)) == max(ids) + 1:
        return definition
    if not isinstance(vocabulary, dict):
        raise DataError(f"{path}: {max(ids) + 1 - len(set(ids)):,} ids up to {max(ids):,} have no token, which {_NO_HOLES}")
    added = list(definition["added_tokens"])
    if END_OF_DOCUMENT not in {*vocabulary, *(token["content"] for token in added)}:
        control = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        added.append({"id": max(ids) + 1, "content": END_OF_DOCUMENT, **control})
    whole = {**vocabulary, **{token["content"]: token["id"] for token in added if token["content"] not in vocabulary}}
    return {**definition, "added_tokens": added, "model": {**definition["model"], "vocab": whole}}


def _refuse_other_ids(tokenizer: tokenizers.Tokenizer, definition: dict[str, Any], path: Path) -> None:
    """Raises DataError where the library reads a token under another id than the file says, or two tokens have one id."""
    vocabulary = definition["model"]["vocab"]
    named = list(vocabulary.items()) if isinstance(vocabulary, dict) else []
    named += [(token["content"], token["id"]) for token in definition["added_tokens"]]
    owners: dict[int, str] = {}
    for content, number in named:
        if owners.setdefault(number, content) != content:
            raise DataError(f"{path}: {owners[number]!r} and {content!r} have the same id, {number}.\n  Use another tokenizer.")
        if (read := tokenizer.token_to_id(content)) != number:
            raise DataError(
                f"{path}: {content!r} has id {number} there, and the `tokenizers` library reads it as {read}.\n  Use another tokenizer."
            )


def _refuse_spelled_control_tokens(tokenizer: tokenizers.Tokenizer, path: Path) -> None:
    tokenizer.encode_special_tokens = True
    unknown = tokenizer.token_to_id(json.loads(tokenizer.to_str())["model"].get("unk_token") or "")
    control = {
        number: token.content for number, token in tokenizer.get_added_tokens_decoder().items() if token.special and number != unknown
    }
    for content in sorted(control.values()):
        for text in (content, f" {content}", f"a{content}a", f"\n{content}\n"):
            spelled = [control[number] for number in tokenizer.encode(text, add_special_tokens=False).ids if number in control]
            if spelled:
                raise DataError(
                    f"{path}: a document that holds the text {spelled[0]!r} would be read as a control token.\n  Use another tokenizer."
                )
