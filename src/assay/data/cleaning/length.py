"""Documents too short or too long to learn from."""

from assay.data.cleaning.drop import Drop


def fitting_length(text: str, min_characters: int, max_characters: int) -> str | Drop:
    if not text.strip():
        return Drop("empty")
    if len(text) < min_characters:
        return Drop("too_short")
    if len(text) > max_characters:
        return Drop("too_long")
    return text
