"""What conf/objective/*.yaml may say."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from assay.config.fields import setting
from assay.model.schema import HIDDEN_TOKENS, IN_ANY_ORDER, NEXT_TOKEN


@dataclass(frozen=True, kw_only=True)
class CausalLMSchema:
    """Predict each token from those before it."""

    PREDICTS: ClassVar[str] = NEXT_TOKEN
    EXTRA_TOKENS: ClassVar[int] = 0
    """Ids of its own, after the tokenizer's, so that no text can spell them."""
    _target_: str = "assay.objective.causal_lm.CausalLM"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    label_smoothing: float = setting(0.0, at_least=0, below=1, help="share of each target spread over the vocabulary, in training only")


@dataclass(frozen=True, kw_only=True)
class MaskedLMSchema:
    """Predict hidden tokens from all others (Devlin et al. 2019, section 3.1)."""

    PREDICTS: ClassVar[str] = HIDDEN_TOKENS
    EXTRA_TOKENS: ClassVar[int] = 1
    """[MASK]"""
    _target_: str = "assay.objective.masked_lm.MaskedLM"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    hidden_fraction: float = setting(0.15, above=0, below=1, help="of the tokens, that are predicted")
    masked_fraction: float = setting(0.8, at_least=0, at_most=1, help="of those, that become [MASK]")
    random_fraction: float = setting(0.1, at_least=0, at_most=1, help="of those, that become any token; the rest stay as they are")
    whole_words: bool | Literal["chinese"] = setting(
        False, help="hide all tokens of a word or none; a word begins at a blank; chinese: where jieba cuts the text (Cui et al. 2021)"
    )


@dataclass(frozen=True, kw_only=True)
class PermutationLMSchema:
    """Predict tokens in an order drawn for each sequence, each from those before it in that order (Yang et al. 2019)."""

    PREDICTS: ClassVar[str] = IN_ANY_ORDER
    EXTRA_TOKENS: ClassVar[int] = 0
    _target_: str = "assay.objective.permutation_lm.PermutationLM"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    predict_one_in: int = setting(6, at_least=1, at_most=1000, help="K: the last 1/K of the order is predicted; 1: all of it")


ObjectiveSchema = CausalLMSchema | MaskedLMSchema | PermutationLMSchema
