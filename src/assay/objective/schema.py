"""What conf/objective/*.yaml may say."""

from dataclasses import dataclass

from assay.config.fields import setting


@dataclass(frozen=True, kw_only=True)
class CausalLMSchema:
    """Predict each token from those before it."""

    _target_: str = "assay.objective.causal_lm.CausalLM"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
