"""Predict hidden tokens from all others (Devlin et al. 2019, section 3.1).

B sequences in a micro-batch, T tokens, V vocabulary.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from assay.evaluation.hidden import HiddenScore, guesses, score_hidden, unigram_nats
from assay.evaluation.schema import EvaluationSchema
from assay.evaluation.split import SplitText
from assay.model.compiling import compiled_here
from assay.model.language_model import EncoderOnly
from assay.objective.chinese_words import ChineseWords
from assay.objective.objective import Objective, SummedLoss
from assay.tokenizer.tokenizer import Tokenizer

SAMPLE_TOKENS = 64


class MaskedLM(Objective):
    """Cross-entropy of the hidden tokens, in nats. [MASK] is the tokenizer's own, or the id after its last."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.encoder = cast(EncoderOnly, self.model)
        self.mask = self.vocabulary.mask
        self.rounds = max(2, round(1 / self.config.hidden_fraction))
        self._hidden: Callable[[Tensor], Tensor] = compiled_here(self.encoder.hidden) if self.compiled else self.encoder.hidden
        self._chinese = ChineseWords(self.vocabulary.token_bytes) if self.config.whole_words == "chinese" else None
        self._floor: NDArray[np.float64] | None = None

    def loss(self, batch: Tensor) -> SummedLoss:
        tokens = batch[:, :-1]
        chosen = self.choose(tokens)
        logits = self.encoder.logits(self._hidden(self.disguise(tokens, chosen))[chosen])
        targets = tokens[chosen]
        return SummedLoss(F.cross_entropy(logits.float(), targets, reduction="sum"), len(targets))

    def flops_per_token(self, context_tokens: int) -> float:
        """Count logits for as many tokens as are masked in the mean."""
        return self._flops(context_tokens, max(self.config.hidden_fraction, 1 / context_tokens))

    def choose(self, tokens: Tensor) -> Tensor:
        """Which tokens (B, T) are to be predicted: never a document's end, at least one of each sequence that has another token."""
        draws: Tensor = torch.rand(tokens.shape, device=tokens.device)
        if self.config.whole_words:
            words = self._begins_word(tokens).cumsum(dim=1)
            draws = draws.gather(1, words.clamp(max=tokens.shape[1] - 1))  # one for all tokens of a word
        ends = tokens == self.vocabulary.end_of_document
        draws = draws.masked_fill(ends, 2.0)
        chosen: Tensor = (draws < self.config.hidden_fraction) | (draws == draws.amin(dim=1, keepdim=True))
        return chosen & ~ends

    def _begins_word(self, tokens: Tensor) -> Tensor:
        """Whether each of tokens (B, T) is the first of a word."""
        if self._chinese is not None:
            return torch.from_numpy(self._chinese.begin(tokens.cpu().numpy())).to(tokens.device)
        return torch.from_numpy(self.vocabulary.begins_word).to(tokens.device)[tokens]

    def disguise(self, tokens: Tensor, chosen: Tensor) -> Tensor:
        """The tokens as the model is shown them: of the chosen, 8 in 10 as [MASK], 1 as any token, 1 as it is."""
        draws = torch.rand(tokens.shape, device=tokens.device)
        anything = torch.randint(self.vocabulary.size, tokens.shape, device=tokens.device)
        masked = chosen & (draws < self.config.masked_fraction)
        random = chosen & ~masked & (draws < self.config.masked_fraction + self.config.random_fraction)
        return torch.where(masked, self.mask, torch.where(random, anything, tokens))

    def score(self, split: SplitText, autocast: Callable[[], AbstractContextManager[Any]]) -> HiddenScore:
        if self._floor is None:  # counted once: the training split may be large
            self._floor = unigram_nats(split.training, self.vocabulary.size, never=self.vocabulary.end_of_document)
        return score_hidden(self.encoder, split, self.mask, self.vocabulary.end_of_document, self.rounds, self._floor, autocast)

    def samples(self, tokenizer: Tokenizer, evaluation: EvaluationSchema, split: SplitText, seed: int) -> list[str]:
        """The beginning of the split, with a guess in place of each hidden token: [guess|token] where the two differ."""
        shown = split.tokens[: min(SAMPLE_TOKENS, self.encoder.context_tokens)]
        hidden, guessed = guesses(self.encoder, shown, self.mask, self.vocabulary.end_of_document, self.rounds)
        words = []
        for token, is_hidden, guess in zip(shown.tolist(), hidden.tolist(), guessed.tolist(), strict=True):
            text = tokenizer.decode([token])
            if not is_hidden:
                words.append(text)
            else:
                said = "?" if guess >= tokenizer.vocab_size else tokenizer.decode([guess])
                words.append(f"[{said}]" if guess == token else f"[{said}|{text}]")
        return ["".join(words)]
