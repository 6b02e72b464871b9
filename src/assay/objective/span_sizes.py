"""The number of masked tokens of a text and of their spans. Without torch: the pre-flight asks it too."""


def span_sizes(tokens: int, hidden_fraction: float, mean_span_tokens: float) -> tuple[int, int]:
    """(tokens, spans), as near to what is asked as leaves a token before each span, and both source and target no longer than the text.

    A text of fewer than three tokens has none.
    """
    if tokens < 3:
        return 0, 0
    hidden = min(max(round(tokens * hidden_fraction), 1), tokens - 2)
    spans = min(max(round(hidden / mean_span_tokens), 1), hidden, tokens - hidden - 1)
    return hidden, spans
