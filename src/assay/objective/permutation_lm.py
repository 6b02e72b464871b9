"""Predict tokens in an order drawn for each sequence (Yang et al. 2019, section 2).

B sequences in a micro-batch, T tokens, M of them predicted, V vocabulary.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional as F

from assay.evaluation.bigram import Bigrams, bigram_loss
from assay.evaluation.permuted import PermutedScore, guesses, order_of, score_permuted
from assay.evaluation.schema import EvaluationSchema
from assay.evaluation.split import SplitText
from assay.model.compiling import compiled_here
from assay.model.xlnet import XLNet
from assay.objective.objective import Objective, SummedLoss
from assay.tokenizer.tokenizer import Tokenizer

SAMPLE_TOKENS = 64


class PermutationLM(Objective):
    """Cross-entropy of the last 1/K of each sequence's order, in nats.

    The tokens before them in the order all see each other, as in the authors' code: only what is predicted needs an order.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.xlnet = cast(XLNet, self.model)
        self._queries: Callable[..., Tensor] = compiled_here(self.xlnet.queries) if self.compiled else self.xlnet.queries
        self._bigrams: Bigrams | None = None

    def loss(self, batch: Tensor) -> SummedLoss:
        tokens = batch[:, :-1]
        places = self.choose(tokens)
        logits = self.xlnet.logits(self._queries(tokens, order_of(places, tokens.shape[1]), places))
        targets = tokens.gather(1, places).flatten()
        return SummedLoss(F.cross_entropy(logits.flatten(0, 1).float(), targets, reduction="sum"), len(targets))

    def flops_per_token(self, context_tokens: int) -> float:
        return self._flops(context_tokens, self._predicted(context_tokens) / context_tokens)

    def choose(self, tokens: Tensor) -> Tensor:
        """The places that are last in an order drawn for each of the tokens' rows (B, T), in that order: (B, M)"""
        order = torch.rand(tokens.shape, device=tokens.device).argsort(dim=1)
        return order[:, -self._predicted(tokens.shape[1]) :]

    def _predicted(self, tokens: int) -> int:
        """Return how many tokens of a row of so many are predicted."""
        return max(1, tokens // int(self.config.predict_one_in))

    def score(self, split: SplitText, autocast: Callable[[], AbstractContextManager[Any]]) -> PermutedScore:
        if self._bigrams is None:  # counted once: the training split may be large
            self._bigrams = Bigrams.of(split.training, self.vocabulary.size)
        floor = bigram_loss(self._bigrams, split.tokens, self.vocabulary.end_of_document)
        return score_permuted(self.xlnet, split, self.config.predict_one_in, floor, autocast)

    def samples(self, tokenizer: Tokenizer, evaluation: EvaluationSchema, split: SplitText, seed: int) -> list[str]:
        """The beginning of the split, with what is filled in for the first part of its order: [guess|token] where the two differ."""
        shown = split.tokens[: min(SAMPLE_TOKENS, self.xlnet.context_tokens)]
        guessed = guesses(self.xlnet, shown, self.config.predict_one_in, tokenizer.vocab_size)
        words = []
        for place, token in enumerate(shown.tolist()):
            text = tokenizer.decode([token])
            if place not in guessed:
                words.append(text)
            else:
                said = tokenizer.decode([guessed[place]])
                words.append(f"[{said}]" if guessed[place] == token else f"[{said}|{text}]")
        return ["".join(words)]
