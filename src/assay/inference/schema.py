"""What conf/generate.yaml may say."""

from dataclasses import dataclass

from assay.config.fields import setting


@dataclass(frozen=True, kw_only=True)
class GenerateConfig:
    """How text is drawn. temperature=0 takes the likeliest token each time."""

    max_new_tokens: int = setting(200, at_least=1, at_most=1_000_000)
    temperature: float = setting(0.8, at_least=0, at_most=100)
    top_k: int | None = setting(None, at_least=1, at_most=10_000_000, help="only the k likeliest tokens; null: all")
    top_p: float = setting(1.0, above=0, at_most=1, help="only the likeliest tokens that together have this probability")
    seed: int = setting(1, at_least=0, at_most=2**63 - 1)
