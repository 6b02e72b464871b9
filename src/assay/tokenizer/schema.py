"""Schemas of conf/tokenizer/*.yaml."""

from dataclasses import dataclass

from assay.config.fields import FOLDER, setting


@dataclass(frozen=True, kw_only=True)
class ByteSchema:
    """One token per UTF-8 byte: 256, and the end of a document."""

    _target_: str = "assay.tokenizer.learn.Byte"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")


@dataclass(frozen=True, kw_only=True)
class CharSchema:
    """One token per frequent character; a rare one is spelled in bytes, so nothing is unknown."""

    _target_: str = "assay.tokenizer.learn.Char"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    vocab_size: int = setting(8192, at_least=258, at_most=1_000_000, help="at most this many, bytes and end of document included")


@dataclass(frozen=True, kw_only=True)
class BpeSchema:
    """Byte-level byte pair encoding (Sennrich et al. 2016; bytes as in GPT-2)."""

    _target_: str = "assay.tokenizer.learn.Bpe"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    vocab_size: int = setting(4096, at_least=257, at_most=1_000_000, help="bytes and end of document included")


@dataclass(frozen=True, kw_only=True)
class WordSchema:
    """One token per frequent word; a rare one is spelled in bytes, so nothing is unknown."""

    _target_: str = "assay.tokenizer.word.Word"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    vocab_size: int = setting(16384, at_least=257, at_most=1_000_000, help="at most this many, bytes and end of document included")


@dataclass(frozen=True, kw_only=True)
class WordPieceSchema:
    """Pieces of words as in BERT; a word with a character outside the vocabulary is unknown, and white space is not kept."""

    _target_: str = "assay.tokenizer.wordpiece.WordPiece"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    vocab_size: int = setting(8192, at_least=16, at_most=1_000_000, help="at most this many, end of document and [UNK] included")
    lowercase: bool = setting(False, help="fold capitals, as BERT's uncased vocabularies do")


@dataclass(frozen=True, kw_only=True)
class UnigramSchema:
    """Unigram language model (Kudo 2018) over bytes."""

    _target_: str = "assay.tokenizer.unigram.Unigram"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    vocab_size: int = setting(4096, at_least=257, at_most=1_000_000, help="at most this many, bytes and end of document included")


@dataclass(frozen=True, kw_only=True)
class PretrainedSchema:
    """The tokenizer.json of a local folder."""

    _target_: str = "assay.tokenizer.pretrained.Pretrained"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    path: str = setting(
        "models/pretrained", path=FOLDER, help="folder that holds tokenizer.json; in a file relative to the project, or ~/..."
    )


TokenizerSchema = ByteSchema | CharSchema | BpeSchema | WordSchema | WordPieceSchema | UnigramSchema | PretrainedSchema
