"""Predict each token from those before it.

B sequences in a micro-batch, T tokens, V vocabulary.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from assay.evaluation.language_model import SplitScore, score_split
from assay.evaluation.schema import EvaluationSchema
from assay.evaluation.split import SplitText
from assay.inference.sampling import generate_tokens
from assay.inference.schema import GenerateConfig
from assay.model.compiling import compiled_here
from assay.model.language_model import CountingModel
from assay.objective.objective import Objective, SummedLoss
from assay.tokenizer.tokenizer import Tokenizer

PROMPT_TOKENS = 12
"""Tokens of the validation split that begin a sample, where no prompt is given."""


class CausalLM(Objective):
    """Cross-entropy of the next token, in nats, over all tokens.

    A counting model is shown each batch after it was scored on it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._predict: Callable[[Tensor], Tensor] = compiled_here(self.model.forward) if self.compiled else self.model.__call__

    def training_step(self, batch: Tensor, batch_index: int) -> Tensor | None:
        if isinstance(self.model, CountingModel):
            nats = self.model.token_nats(batch)
            self.microbatch_losses.append(SummedLoss(nats.sum().float(), nats.numel()))
            self.model.observe(batch)
            return None
        return super().training_step(batch, batch_index)

    def loss(self, batch: Tensor) -> SummedLoss:
        logits, targets = self._predict(batch[:, :-1]), batch[:, 1:].flatten()
        nats = F.cross_entropy(logits.flatten(0, 1).float(), targets, label_smoothing=self.config.label_smoothing, reduction="sum")
        return SummedLoss(nats, len(targets))

    def score(self, split: SplitText, autocast: Callable[[], AbstractContextManager[Any]]) -> SplitScore:
        if isinstance(self.model, CountingModel):
            self.model.count()
        return score_split(
            self.model,
            split.tokens,
            self.vocabulary.end_of_document,
            split.utf8_bytes,
            context_tokens=split.context_tokens,
            sequences_per_batch=split.sequences_per_batch,
            autocast=autocast,
            sources=split.sources,
            lost=split.lost,
        )

    def samples(self, tokenizer: Tokenizer, evaluation: EvaluationSchema, split: SplitText, seed: int) -> list[str]:
        """A continuation of each prompt, with the prompt; drawn by a generator of their own."""
        prompts = evaluation.sample_prompts or [tokenizer.decode(split.tokens[:PROMPT_TOKENS].tolist())]
        drawing = GenerateConfig(max_new_tokens=evaluation.sample_tokens, seed=seed)
        written = []
        for prompt in prompts:
            ids = tokenizer.encode(prompt)
            new = list(generate_tokens(self.model, ids, drawing, tokenizer.end_of_document, tokenizer.vocab_size))
            written.append(tokenizer.decode(ids + new))
        return written
