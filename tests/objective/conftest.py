"""Objectives of encoder-decoders, small."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from assay.config.build import build
from assay.model.encoder_decoder import TransformerEncoderDecoder
from assay.model.schema import EncoderDecoderSchema
from assay.objective.objective import Vocabulary
from assay.objective.schema import DenoisingSchema, SpanCorruptionSchema
from assay.objective.sequence_to_sequence import SequenceToSequence

SIZE, END = 20, 19
SPELLINGS = [b" so." if number == 9 else b" a" for number in range(SIZE)]
SCHEMAS: dict[str, Any] = {"denoising": DenoisingSchema, "span_corruption": SpanCorruptionSchema}


@pytest.fixture(scope="session")
def seq2seq() -> Callable[..., SequenceToSequence]:
    """seq2seq("denoising", **settings): the objective over 20 tokens, with a model of one block a side."""

    def made(name: str, compiled: bool = False, **settings: Any) -> SequenceToSequence:
        config = SCHEMAS[name](**settings)
        found: SequenceToSequence = build(
            config,
            "objective",
            model=_model(config.EXTRA_TOKENS),
            vocabulary=Vocabulary(SIZE, END, np.ones(SIZE, dtype=np.bool_), SPELLINGS),
            make_optimizer=lambda model: torch.optim.SGD(model.parameters(), 0.5),
            factor=lambda step: 1.0,
            first_step=0,
            clip_norm=None,
            skip_norm=None,
            compiled=compiled,
        )
        return found

    return made


@cache
def _model(extra: int) -> TransformerEncoderDecoder:
    torch.manual_seed(0)
    return TransformerEncoderDecoder(EncoderDecoderSchema(n_layer=1, n_head=2, d_model=16), SIZE + extra, 32)
