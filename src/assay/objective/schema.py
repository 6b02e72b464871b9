"""Schemas of conf/objective/*.yaml."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from assay.config.fields import setting
from assay.model.schema import CO_OCCURRENCE, HIDDEN_TOKENS, IN_ANY_ORDER, NEIGHBOURS, NEXT_TOKEN, OTHER_TEXT
from assay.optimizer.schema import AdaGradSchema, SGDSchema


@dataclass(frozen=True, kw_only=True)
class CausalLMSchema:
    """Predict each token from those before it."""

    PREDICTS: ClassVar[str] = NEXT_TOKEN
    EXTRA_TOKENS: ClassVar[int] = 0
    """Ids of its own, after the tokenizer's, so that no text can spell them."""
    OPTIMIZER: ClassVar[str | None] = None
    """The `_target_` whose rule the objective follows when it makes its updates itself; None: torch makes them, by any."""
    _target_: str = "assay.objective.causal_lm.CausalLM"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    label_smoothing: float = setting(0.0, at_least=0, below=1, help="share of each target spread over the vocabulary, in training only")


@dataclass(frozen=True, kw_only=True)
class MaskedLMSchema:
    """Predict hidden tokens from all others (Devlin et al. 2019, section 3.1)."""

    PREDICTS: ClassVar[str] = HIDDEN_TOKENS
    EXTRA_TOKENS: ClassVar[int] = 1
    """[MASK], where the tokenizer has none of its own."""
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


SMOOTHING_HELP = "share of each target spread over the vocabulary, in training only"


@dataclass(frozen=True, kw_only=True)
class DenoisingSchema:
    """Write a text again of which parts were taken away (Lewis et al. 2020, section 2.2)."""

    PREDICTS: ClassVar[str] = OTHER_TEXT
    EXTRA_TOKENS: ClassVar[int] = 1
    """[MASK], where the tokenizer has none of its own."""
    _target_: str = "assay.objective.denoising.Denoising"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    hidden_fraction: float = setting(0.3, at_least=0, at_most=0.9, help="of the tokens, in spans that each become one [MASK]")
    mean_span_tokens: float = setting(3.0, at_least=0.1, at_most=100, help="mean of the Poisson distribution of the spans' lengths")
    masked_fraction: float = setting(0.0, at_least=0, at_most=1, help="of the other tokens, that each become a [MASK]")
    deleted_fraction: float = setting(0.0, at_least=0, at_most=1, help="of the other tokens, that are left out")
    permute_sentences: bool = setting(False, help="show the sentences of a text in any order; one ends with a token that ends in . ! or ?")
    label_smoothing: float = setting(0.0, at_least=0, below=1, help=SMOOTHING_HELP)


@dataclass(frozen=True, kw_only=True)
class SpanCorruptionSchema:
    """Write what stood in the spans that were taken out of a text (Raffel et al. 2020, section 3.1.4)."""

    PREDICTS: ClassVar[str] = OTHER_TEXT
    EXTRA_TOKENS: ClassVar[int] = 100
    """Sentinels: one for each span, and one at the end of the target."""
    _target_: str = "assay.objective.span_corruption.SpanCorruption"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    hidden_fraction: float = setting(0.15, above=0, at_most=0.9, help="of the tokens, that are hidden")
    mean_span_tokens: float = setting(3.0, at_least=1, at_most=100, help="mean length of the spans in which they are hidden")
    label_smoothing: float = setting(0.0, at_least=0, below=1, help=SMOOTHING_HELP)


@dataclass(frozen=True, kw_only=True)
class NegativeSamplingSchema:
    """Tell words that stand together from drawn ones (Mikolov et al. 2013b, section 2.2)."""

    PREDICTS: ClassVar[str] = NEIGHBOURS
    EXTRA_TOKENS: ClassVar[int] = 0
    OPTIMIZER: ClassVar[str | None] = SGDSchema._target_
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    window: int = setting(5, at_least=1, at_most=1000, help="words to either side at most; how many are used is drawn for each word")
    negatives: int = setting(5, at_least=1, at_most=1000, help="words drawn for each true one")
    negative_power: float = setting(0.75, at_least=-10, at_most=10, help="words are drawn by their counts to this power")
    subsample: float | None = setting(
        1e-3, above=0, at_most=1, help="words of a larger share of the text are left out now and then; null: none is"
    )
    min_count: int = setting(5, at_least=1, at_most=1_000_000_000, help="words of the training split that come less often have no vector")


@dataclass(frozen=True, kw_only=True)
class SkipGramSchema(NegativeSamplingSchema):
    """Predict each neighbour from the word."""

    _target_: str = "assay.objective.skip_gram.SkipGram"


@dataclass(frozen=True, kw_only=True)
class CBOWSchema(NegativeSamplingSchema):
    """Predict a word from the mean of its neighbours: a continuous bag of words."""

    _target_: str = "assay.objective.cbow.CBOW"


@dataclass(frozen=True, kw_only=True)
class GloveSchema:
    """Logarithms of how often words stand together, by weighted least squares (Pennington et al. 2014)."""

    PREDICTS: ClassVar[str] = CO_OCCURRENCE
    EXTRA_TOKENS: ClassVar[int] = 0
    OPTIMIZER: ClassVar[str | None] = AdaGradSchema._target_
    _target_: str = "assay.objective.glove.GloveObjective"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    window: int = setting(10, at_least=1, at_most=20, help="words to either side; a neighbour at distance d counts 1/d")
    x_max: float = setting(100.0, above=0, at_most=1e12, help="counts from here on have the full weight")
    alpha: float = setting(0.75, at_least=0, at_most=1, help="power of count / x_max that weighs the others")
    min_count: int = setting(5, at_least=1, at_most=1_000_000_000, help="words of the training split that come less often have no vector")
    max_pairs: int = setting(
        100_000_000, at_least=1, at_most=2**30, help="different pairs of words, at which counting stops with an error: 64 bytes each"
    )


WordObjective = SkipGramSchema | CBOWSchema | GloveSchema
ObjectiveSchema = CausalLMSchema | MaskedLMSchema | DenoisingSchema | SpanCorruptionSchema | PermutationLMSchema | WordObjective


HIDES_BY_MASK = (MaskedLMSchema, DenoisingSchema)
"""Whose own id is [MASK]: none where the vocabulary has one."""


def ids_needed(objective: ObjectiveSchema, vocab_size: int, own_mask: int | None) -> int:
    """Rows of a model: for the tokenizer's ids and the objective's own."""
    known = own_mask is not None and isinstance(objective, HIDES_BY_MASK)
    return vocab_size + (0 if known else objective.EXTRA_TOKENS)
