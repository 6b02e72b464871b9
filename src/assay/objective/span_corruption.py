"""Write what stood in the spans that were taken out of a text (T5; Raffel et al. 2020, section 3.1.4).

B sequences in a micro-batch, T tokens, N spans.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from assay.evaluation.pairs import Pairs
from assay.objective.sequence_to_sequence import SequenceToSequence
from assay.objective.span_sizes import span_sizes
from assay.objective.spans import compositions


class SpanCorruption(SequenceToSequence):
    """The source has a sentinel in place of each span; the target is each sentinel and its span, and one more sentinel at the end.

    Sentinels are the ids after the tokenizer's last, in the order of the text. A text begins with a token that stays, and at least one lies
    between two spans, so all sources have one length, and all targets. T5's code lets each text also end with a span; here it may end with either.
    """

    FLOOR = "unigram"

    def text_tokens(self, context_tokens: int) -> int:
        return context_tokens

    def name_of_extra(self, number: int) -> str:
        return f"<{number}>"

    def pairs(self, tokens: Tensor, generator: torch.Generator | None = None) -> Pairs:
        hidden, spans = span_sizes(tokens.shape[1], self.config.hidden_fraction, self.config.mean_span_tokens)
        in_spans, begins = self.spans(tokens, hidden, spans, generator)
        sentinels = self.vocabulary.size + begins.cumsum(dim=1) - 1
        source = torch.where(begins, sentinels, tokens)[~in_spans | begins].view(len(tokens), -1)
        both = torch.stack([sentinels, tokens], dim=2)  # before the first token of a span its sentinel
        wanted = torch.stack([begins, in_spans], dim=2)
        target = F.pad(both[wanted].view(len(tokens), -1), (0, 1), value=self.vocabulary.size + spans)
        return Pairs(source, torch.ones_like(source, dtype=torch.bool), target, target < self.vocabulary.size)

    def spans(self, tokens: Tensor, hidden: int, spans: int, generator: torch.Generator | None) -> tuple[Tensor, Tensor]:
        """Which tokens lie in spans, and which begin one: (B, T) each. All ways to cut so many tokens into so many spans are equally likely."""
        rows, count = tokens.shape
        in_spans = torch.zeros(rows, count, dtype=torch.bool, device=tokens.device)
        begins = in_spans.clone()
        if not spans:
            return in_spans, begins
        lengths = compositions(rows, hidden, spans, generator, tokens.device)
        stays = compositions(rows, count - hidden + 1, spans + 1, generator, tokens.device)  # after the last span one less
        ends = (lengths + stays[:, :-1]).cumsum(dim=1)
        begins.scatter_(1, ends - lengths, True)
        closes = torch.zeros(rows, count + 1, dtype=torch.long, device=tokens.device).scatter(1, ends, 1)[:, :count]
        return (begins.long() - closes).cumsum(dim=1) > 0, begins
