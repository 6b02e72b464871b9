from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from assay.config.schema import TokenizerConfig
from assay.data.clean import clean_inputs
from assay.data.encode import tokens_inputs
from assay.data.fingerprint import fingerprint, library, what_changed
from assay.errors import MachineError
from assay.tokenizer.schema import BpeSchema
from assay.tokenizer.stage import tokenizer_inputs


def manifest(**sha256: str) -> dict[str, Any]:
    return {"files": {name.replace("_", "."): {"sha256": digest} for name, digest in sha256.items()}}


MANIFEST = manifest(train_parquet="a", card_json="b", tokenizer_json="c")


def test_what_shapes_the_text_changes_the_fingerprint_and_what_does_not_does_not(corpus: Callable[..., SimpleNamespace]) -> None:
    made = corpus({"a.txt": b"text"})
    config: TokenizerConfig = made.config

    def of(changed: TokenizerConfig) -> str:
        return fingerprint(clean_inputs(changed, made.root))

    before = of(config)
    assert of(replace(config, data=replace(config.data, workers=7, context_tokens=99))) == before
    assert of(replace(config, cleaning=replace(config.cleaning, name="other"))) == before
    assert of(replace(config, data=replace(config.data, test_fraction=0.3))) != before
    assert of(replace(config, cleaning=replace(config.cleaning, min_characters=2))) != before
    assert of(replace(config, data=replace(config.data, licence="MIT"))) != before  # the card names it


def test_an_edit_of_a_source_file_changes_it(corpus: Callable[..., SimpleNamespace]) -> None:
    made = corpus({"a.txt": b"text"})
    before = clean_inputs(made.config, made.root)
    again = corpus({"a.txt": b"tent"})
    after = clean_inputs(again.config, again.root)
    assert what_changed(before, after) == "the data it is made from"


def test_each_later_stage_depends_on_the_content_above_it(corpus: Callable[..., SimpleNamespace]) -> None:
    config: TokenizerConfig = corpus({"a.txt": b"text"}).config
    other = manifest(train_parquet="x", card_json="b", tokenizer_json="y")
    assert tokenizer_inputs(config, MANIFEST) == tokenizer_inputs(config, manifest(train_parquet="a", card_json="z"))
    bpe = replace(config, tokenizer=BpeSchema(name="bpe", vocab_size=300))
    larger = replace(config, tokenizer=BpeSchema(name="bpe", vocab_size=301))
    assert what_changed(tokenizer_inputs(bpe, MANIFEST), tokenizer_inputs(larger, MANIFEST)) == "the config"
    assert what_changed(tokenizer_inputs(bpe, MANIFEST), tokenizer_inputs(bpe, other)) == "the data it is made from"
    assert fingerprint(tokens_inputs(config, MANIFEST, other)) != fingerprint(tokens_inputs(config, other, MANIFEST))


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(MachineError, match=r"package no-such-package.*\n  Run: pip install no-such-package"):
        library("no-such-package")
