"""Schema of conf/evaluation/*.yaml."""

from dataclasses import dataclass
from typing import Literal

from assay.config.fields import setting


@dataclass(frozen=True, kw_only=True)
class EvaluationSchema:
    """Metrics beside the loss, and the size of their batches."""

    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    sequences_per_batch: int = setting(16, at_least=1, at_most=1_000_000)
    sample_prompts: list[str] = setting(
        make=lambda: [], help="text generated from each at the end; empty: the first words of the validation split"
    )
    sample_tokens: int = setting(64, at_least=1, at_most=100_000)
    word_similarity: list[Literal["wordsim353", "simlex999", "analogies"]] = setting(
        make=lambda: [], help="what vectors of words are held against; fetched by: python src/collect.py word_similarity"
    )
