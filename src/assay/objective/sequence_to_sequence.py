"""Write one text when given another: what all objectives of encoder-decoders share.

B sequences in a micro-batch, S source tokens, T target tokens, V vocabulary.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, ClassVar, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from assay.evaluation.hidden import unigram_nats
from assay.evaluation.pairs import UNCOUNTED, Pairs, PairScore, rows_of, score_pairs
from assay.evaluation.schema import EvaluationSchema
from assay.evaluation.split import SplitText
from assay.inference.sampling import generate_target
from assay.inference.schema import GenerateConfig
from assay.model.compiling import compiled_here
from assay.model.language_model import EncoderDecoder
from assay.objective.objective import Objective, SummedLoss
from assay.tokenizer.tokenizer import Tokenizer

SAMPLES = 2


class SequenceToSequence(Objective):
    """Cross-entropy of the target's tokens, in nats. What begins a target is the end of a document.

    A subclass says what is made of a text (`pairs`), how long a text it takes (`text_tokens`), and what its floor is called.
    """

    FLOOR: ClassVar[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.writer = cast(EncoderDecoder, self.model)
        self._logits: Callable[[Pairs], Tensor] = compiled_here(self.logits) if self.compiled else self.logits
        self._flops_per_pair = cache(self.writer.flops_per_pair)
        self._lengths = (0, 0)  # of the newest micro-batch
        self._floor: NDArray[np.float64] | None = None

    def pairs(self, tokens: Tensor, generator: torch.Generator | None = None) -> Pairs:
        """Make pairs of texts (B, T) or shorter; draws come from the generator, or torch's own."""
        raise NotImplementedError

    def text_tokens(self, context_tokens: int) -> int:
        """Return the tokens of a text of which neither source nor target is longer than `context_tokens`."""
        raise NotImplementedError

    def name_of_extra(self, number: int) -> str:
        """Return the displayed name of the id `number` after the tokenizer's last."""
        raise NotImplementedError

    def logits(self, pairs: Pairs) -> Tensor:
        """(B, T, V)"""
        memory = self.writer.encode(pairs.source, pairs.visible)
        return self.writer.decode(pairs.decoder_input(self.vocabulary.end_of_document), memory, pairs.visible)

    def loss(self, batch: Tensor) -> SummedLoss:
        pairs = self.pairs(batch[:, : self.text_tokens(batch.shape[1] - 1)])
        self._lengths = pairs.source.shape[1], pairs.target.shape[1]
        logits, targets = self._logits(pairs).flatten(0, 1).float(), pairs.target.flatten()
        nats = F.cross_entropy(logits, targets, ignore_index=UNCOUNTED, label_smoothing=self.config.label_smoothing, reduction="sum")
        return SummedLoss(nats, int((targets != UNCOUNTED).sum()))

    def flops_per_token(self, context_tokens: int) -> float:
        """Count the work of the source and the target that a window becomes, with their padding."""
        return self._flops_per_pair(*self._lengths) / context_tokens

    def score(self, split: SplitText, autocast: Callable[[], AbstractContextManager[Any]]) -> PairScore:
        """Texts are the split's tokens in order; what is hidden of them is the same for every run."""
        if self._floor is None:  # counted once: the training split may be large
            self._floor = unigram_nats(split.training, self.vocabulary.size)
        texts = rows_of(split.tokens, self.text_tokens(split.context_tokens), type(self).__name__)
        return score_pairs(
            self.writer,
            (self.pairs(tokens, generator) for tokens, generator in texts),
            self.vocabulary.end_of_document,
            split.sequences_per_batch,
            self.FLOOR,
            self._floor,
            autocast,
        )

    def samples(self, tokenizer: Tokenizer, evaluation: EvaluationSchema, split: SplitText, seed: int) -> list[str]:
        """Return samples for the first texts of the split: the source, what is written for it, and what was to be written. The likeliest token each time."""
        width = min(evaluation.sample_tokens, self.text_tokens(split.context_tokens), max(1, len(split.tokens) // SAMPLES))
        tokens, generator = next(iter(rows_of(split.tokens[: width * SAMPLES], width, "samples")))
        pairs, written = self.pairs(tokens, generator), []
        for source, visible, target in zip(pairs.source, pairs.visible, pairs.target, strict=True):
            truth = target[target != UNCOUNTED].tolist()
            likeliest = GenerateConfig(max_new_tokens=len(truth), temperature=0)
            guess = generate_target(
                self.writer, source[visible].tolist(), likeliest, self.vocabulary.end_of_document, self.writer.vocab_size
            )
            texts = {"source": source[visible].tolist(), "guess": list(guess), "truth": truth}
            written.append("\n\n".join(f"{name}: {self.spelled(tokenizer, ids)}" for name, ids in texts.items()))
        return written

    def spelled(self, tokenizer: Tokenizer, ids: list[int]) -> str:
        """The text of the ids, with names for those after the tokenizer's last."""
        text, run = "", list[int]()
        for each in ids:
            if each < self.vocabulary.size:
                run.append(each)
                continue
            text += tokenizer.decode(run) + self.name_of_extra(each - self.vocabulary.size)
            run = []
        return text + tokenizer.decode(run)
