"""The tokenizer stage: training documents -> vocabulary with its card."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from assay.data.fingerprint import Inputs, files_sha256, fingerprint, library, settings, stage_inputs
from assay.data.places import corpus_name
from assay.data.shards import read_texts
from assay.files import draft_folder, sha256_file, verify_manifest, write_manifest
from assay.tokenizer.card import tokenizer_card, write_card
from assay.tokenizer.learn import Bpe, Byte, Char
from assay.tokenizer.pretrained import Pretrained
from assay.tokenizer.schema import PretrainedSchema, TokenizerSchema
from assay.tokenizer.tokenizer import TOKENIZER_FILE, Tokenizer
from assay.tokenizer.unigram import Unigram
from assay.tokenizer.word import Word
from assay.tokenizer.wordpiece import WordPiece

if TYPE_CHECKING:
    from assay.config.schema import TokenizerConfig


def tokenizer_inputs(config: "TokenizerConfig", clean_manifest: dict[str, Any]) -> Inputs:
    chosen: dict[str, Any] = {"data": corpus_name(config.data), "tokenizer": settings(config.tokenizer)}
    if isinstance(config.tokenizer, PretrainedSchema):
        file = Pretrained(config.tokenizer).file()
        chosen["file"] = sha256_file(file) if file.is_file() else None
    return stage_inputs("tokenizer", __name__, chosen, files_sha256(clean_manifest, ".parquet"), tokenizers=library("tokenizers"))


def learn_tokenizer(config: "TokenizerConfig", clean_folder: Path, target: Path, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Write tokenizer.json, card.json, CARD.md and manifest.json to `target`; return the manifest.

    Learns from the training split only, documents in id order, so validation and test stay unseen.
    """
    started, cpu = time.perf_counter(), time.process_time()
    inputs = tokenizer_inputs(config, verify_manifest(clean_folder, repair=f"python src/clean.py data={config.data.name}"))
    learner = _learner(config.tokenizer)
    learned = learner.learn(text for _, text in read_texts(clean_folder, "train"))
    content = learned.to_str(pretty=True).encode()
    tokenizer = Tokenizer(content)
    kind = type(learner).__name__.lower()
    asked = getattr(config.tokenizer, "vocab_size", tokenizer.vocab_size)
    texts = (text for _, text in read_texts(clean_folder, "val"))
    card = tokenizer_card(tokenizer, kind, corpus_name(config.data), asked, texts, config.data.language)
    with draft_folder(target) as draft:
        (draft / TOKENIZER_FILE).write_bytes(content)
        write_card(draft, card)
        facts = {"stage": "tokenizer", "corpus": corpus_name(config.data), "vocab_size": tokenizer.vocab_size, "made_from": inputs}
        manifest = write_manifest(draft, fingerprint=fingerprint(inputs), **facts)
    fewer = f" ({asked:,} asked for; the text gives no more)" if tokenizer.vocab_size < asked else ""
    say(
        f"learned {kind} on {config.data.name}: {tokenizer.vocab_size:,} tokens{fewer}, {card['bytes_per_token']} bytes per token; "
        f"{time.perf_counter() - started:.1f} s, {time.process_time() - cpu:.1f} s CPU"
    )
    return manifest


def _learner(config: TokenizerSchema) -> Byte | Char | Bpe | Word | WordPiece | Unigram | Pretrained:
    kinds: tuple[Any, ...] = (Byte, Char, Bpe, Word, WordPiece, Unigram, Pretrained)
    schemas = dict(zip(get_args(TokenizerSchema), kinds, strict=True))
    learner: Byte | Char | Bpe | Word | WordPiece | Unigram | Pretrained = schemas[type(config)](config)
    return learner
