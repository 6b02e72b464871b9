"""An encoder of transformers' own class, its output layer apart from the rest.

B batch, T tokens, V vocabulary, D model width.
"""

from pathlib import Path
from typing import Any, ClassVar

from torch import Tensor, nn

from assay.model.huggingface.theirs import Theirs
from assay.model.language_model import EncoderOnly, multiplied_weights


class _Given(nn.Module):
    """Stands in for a model's body: gives what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: Tensor | None = None

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        from transformers.modeling_outputs import BaseModelOutput

        return BaseModelOutput(last_hidden_state=self.hidden)


class HuggingFaceEncoder(Theirs, EncoderOnly):
    """tokens (B, T) -> logits (B, T, V) of the token at each place.

    `inner` is the body; `head` is the whole model with `_Given` in the body's place, so that its output layer, however it is built, can be
    asked about chosen places alone: for a large vocabulary that layer is most of the work.
    """

    AUTO: ClassVar[str] = "AutoModelForMaskedLM"

    def _take(self, inner: Any) -> None:
        whole = inner.float().train(self.training)
        self.inner = whole.base_model
        setattr(whole, whole.base_model_prefix, _Given())
        self.head = whole

    def whole(self) -> Any:
        return self.head

    def save(self, folder: Path, end_of_document: int) -> None:
        given = getattr(self.head, self.head.base_model_prefix)
        setattr(self.head, self.head.base_model_prefix, self.inner)
        try:
            super().save(folder, end_of_document)
        finally:
            setattr(self.head, self.head.base_model_prefix, given)

    def hidden(self, tokens: Tensor, visible: Tensor | None = None) -> Tensor:
        found: Tensor = self.inner(input_ids=tokens, attention_mask=None if visible is None else visible.long())[0]
        return found

    def logits(self, hidden: Tensor) -> Tensor:
        given = getattr(self.head, self.head.base_model_prefix)
        given.hidden = hidden
        try:
            found: Tensor = self.head(input_ids=None).logits
        finally:
            given.hidden = None
        return found

    def flops_per_token(self, context_tokens: int, predicted: float = 1.0) -> float:
        weights = multiplied_weights(self.inner) + predicted * multiplied_weights(self.head)
        return 6.0 * weights + 12.0 * self.squares() * self.attention_width() * context_tokens

    def forward(self, tokens: Tensor, cache: None = None, visible: Tensor | None = None) -> Tensor:
        return self.logits(self.hidden(tokens, visible))
