"""Write a text again of which parts were taken away (BART; Lewis et al. 2020, section 2.2).

B sequences in a micro-batch, T tokens.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from assay.evaluation.pairs import Pairs
from assay.objective.sequence_to_sequence import SequenceToSequence
from assay.objective.spans import covered, packed, poisson_spans


class Denoising(SequenceToSequence):
    """The source has [MASK], the tokenizer's own or the id after its last, for each hidden span, and the target is the whole text and an end.

    A document's end is hidden like any other token.
    """

    FLOOR = "copying"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ends = [number == self.vocabulary.end_of_document or ends_sentence(each) for number, each in enumerate(self.vocabulary.token_bytes)]
        self.ends = np.array(ends, dtype=np.bool_)

    def text_tokens(self, context_tokens: int) -> int:
        return context_tokens - 1  # and the end

    def name_of_extra(self, number: int) -> str:
        return "[MASK]" if number == 0 else "[?]"

    def pairs(self, tokens: Tensor, generator: torch.Generator | None = None) -> Pairs:
        order = self.sentence_order(tokens, generator)
        source, visible, hidden = self.corrupted(tokens.gather(1, order), generator)
        hidden = torch.zeros_like(hidden).scatter(1, order, hidden)
        end = self.vocabulary.end_of_document
        return Pairs(source, visible, F.pad(tokens, (0, 1), value=end), F.pad(hidden, (0, 1), value=False))

    def corrupted(self, tokens: Tensor, generator: torch.Generator | None) -> tuple[Tensor, Tensor, Tensor]:
        """(B, T) -> a source and where it is no padding (B, S), and which tokens it does not show (B, T)."""
        count, mask = tokens.shape[1], self.vocabulary.mask
        starts, lengths = poisson_spans(tokens, round(self.config.hidden_fraction * count), self.config.mean_span_tokens, generator)
        in_spans = covered(starts, lengths, count)
        draws = torch.rand(tokens.shape, generator=generator, device=tokens.device)
        masked = ~in_spans & (draws < self.config.masked_fraction)
        deleted = ~in_spans & ~masked & (draws < self.config.masked_fraction + self.config.deleted_fraction)
        begins = torch.zeros(len(tokens), count + 2, dtype=torch.bool, device=tokens.device).scatter(1, starts, True)[:, : count + 1]
        shown = F.pad(torch.where(masked, mask, tokens), (0, 1))  # behind the last token a span of no length may stand
        pieces = torch.stack([torch.full_like(shown, mask), shown], dim=2).flatten(1)
        kept = torch.stack([begins, F.pad(~in_spans & ~deleted, (0, 1), value=False)], dim=2).flatten(1)
        source, visible = packed(pieces, kept, count if self.compiled else None, self.vocabulary.end_of_document)
        return source, visible, in_spans | masked | deleted

    def sentence_order(self, tokens: Tensor, generator: torch.Generator | None) -> Tensor:
        """The place (B, T) of each token that is shown; sentences of a text in any order, if that is asked for."""
        if not len(self.ends) or not self.config.permute_sentences:
            return torch.arange(tokens.shape[1], device=tokens.device).expand(tokens.shape)
        over = torch.from_numpy(self.ends).to(tokens.device)[tokens]
        number = F.pad(over[:, :-1], (1, 0)).cumsum(dim=1)
        draws = torch.rand(tokens.shape, generator=generator, device=tokens.device).gather(1, number)  # one for all tokens of a sentence
        return draws.argsort(dim=1, stable=True)


def ends_sentence(spelling: bytes) -> bool:
    """Whether a token is the last of a sentence: by its last mark, in English or Chinese."""
    return spelling.rstrip().decode(errors="ignore").endswith((".", "!", "?", "\u3002", "\uff01", "\uff1f"))
