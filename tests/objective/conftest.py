"""Objectives of encoder-decoders, small."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from objectives import make_objective

from assay.model.encoder_decoder import TransformerEncoderDecoder
from assay.model.schema import EncoderDecoderSchema
from assay.objective.objective import Vocabulary
from assay.objective.schema import DenoisingSchema, SpanCorruptionSchema, ids_needed
from assay.objective.sequence_to_sequence import SequenceToSequence

SIZE, END = 20, 19
SPELLINGS = [b" so." if number == 9 else b" a" for number in range(SIZE)]
SCHEMAS: dict[str, Any] = {"denoising": DenoisingSchema, "span_corruption": SpanCorruptionSchema}


@pytest.fixture(scope="session")
def seq2seq() -> Callable[..., SequenceToSequence]:
    """seq2seq("denoising", **settings): the objective over 20 tokens, with a model of one block a side."""

    def made(name: str, compiled: bool = False, own_mask: int | None = None, **settings: Any) -> SequenceToSequence:
        config = SCHEMAS[name](**settings)
        vocabulary = Vocabulary(SIZE, END, np.ones(SIZE, dtype=np.bool_), SPELLINGS, own_mask)
        model = _model(ids_needed(config, SIZE, own_mask))
        found: SequenceToSequence = make_objective(config, model, vocabulary, compiled=compiled)
        return found

    return made


@cache
def _model(ids: int) -> TransformerEncoderDecoder:
    torch.manual_seed(0)
    return TransformerEncoderDecoder(EncoderDecoderSchema(n_layer=1, n_head=2, d_model=16), ids, 32)
