"""Schemas of conf/model/*.yaml."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from assay.config.fields import FOLDER, setting

NEXT_TOKEN, HIDDEN_TOKENS = "the next token", "hidden tokens"
OTHER_TEXT = "a text from another"
IN_ANY_ORDER = "tokens in any order"
NEIGHBOURS = "which words stand together"
CO_OCCURRENCE = "how often words stand together"
"""Kinds of predictions of a model; the objective must ask for the same."""
WORD_VECTORS = (NEIGHBOURS, CO_OCCURRENCE)
"""Predictions of models whose weights are word vectors."""
MLPForm = Literal["gelu", "gelu_exact", "relu", "swiglu", "geglu"]
GATED = ("swiglu", "geglu")
NORM_PLACE_HELP = "before each part, or after each sum (Vaswani et al. 2017)"
MLP_HELP = "gelu: GPT-2's tanh form; gelu_exact: BERT's; relu: Vaswani et al. 2017; swiglu, geglu: Shazeer 2020"
POSITION_HELP = "learned: a table; sinusoidal: Vaswani et al. 2017; rotary: Su et al. 2021; relative: T5's buckets of distances"


@dataclass(frozen=True, kw_only=True)
class LayerSchema:
    """Settings of every layer of attention and MLP. Defaults are GPT-2's form (Radford et al. 2019)."""

    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    n_layer: int = setting(at_least=1, at_most=1000, help="blocks")
    n_head: int = setting(at_least=1, at_most=1024, help="attention heads; must divide d_model")
    d_model: int = setting(at_least=2, at_most=65_536, help="width")
    d_head: int | None = setting(None, at_least=1, at_most=65_536, help="width of one head; null: d_model / n_head")
    d_ff: int | None = setting(None, at_least=1, at_most=1_048_576, help="width inside the MLP; null: 4 d_model, or 8/3 of it when gated")
    dropout: float = setting(0.0, at_least=0, below=1)
    norm: Literal["layernorm", "rmsnorm"] = setting("layernorm")
    norm_epsilon: float = setting(1e-5, above=0, at_most=1)
    norm_place: Literal["before", "after"] = setting("before", help=NORM_PLACE_HELP)
    mlp: MLPForm = setting("gelu", help=MLP_HELP)
    bias: bool = setting(True, help="biases in the linear layers and LayerNorm")

    @property
    def head_width(self) -> int:
        return self.d_head or self.d_model // self.n_head


@dataclass(frozen=True, kw_only=True)
class BlockSchema(LayerSchema):
    """Further settings of Transformers of every form but XLNet's."""

    n_kv_head: int | None = setting(None, at_least=1, at_most=1024, help="key and value heads, shared by groups of heads; null: n_head")
    position: Literal["learned", "sinusoidal", "rotary", "relative"] = setting("learned", help=POSITION_HELP)
    n_positions: int | None = setting(None, at_least=2, at_most=1_048_576, help="rows of the learned table; null: data.context_tokens")
    rope_theta: float = setting(10_000.0, above=0, at_most=1e12, help="base of the rotary wavelengths")
    relative_buckets: int = setting(32, at_least=4, at_most=65_536, help="of relative positions: how many distances are told apart")
    relative_distance: int = setting(128, at_least=2, at_most=1_048_576, help="of relative positions: from here on all are one")


@dataclass(frozen=True, kw_only=True)
class TransformerSchema(BlockSchema):
    """A decoder-only Transformer."""

    PREDICTS: ClassVar[str] = NEXT_TOKEN
    _target_: str = "assay.model.transformer.Transformer"
    qk_norm: bool = setting(False, help="RMSNorm of each head's queries and keys, as Qwen3 has it (Henry et al. 2020)")
    qkv_bias: bool | None = setting(None, help="biases of queries, keys and values, as Qwen2 has them; null: as bias")
    tie_embeddings: bool = setting(True, help="the output layer shares the embedding's weights")
    vocab_size: int | None = setting(None, at_least=2, at_most=10_000_000, help="rows of the embedding; null: the tokenizer's")


@dataclass(frozen=True, kw_only=True)
class EncoderSchema(BlockSchema):
    """A Transformer in which each token sees all others. Defaults are BERT's form (Devlin et al. 2019)."""

    PREDICTS: ClassVar[str] = HIDDEN_TOKENS
    _target_: str = "assay.model.encoder.Encoder"
    segments: int = setting(0, at_least=0, at_most=16, help="rows of a table of sentence numbers, as BERT has two; 0: none")
    norm_epsilon: float = setting(1e-12, above=0, at_most=1)
    norm_place: Literal["before", "after"] = setting("after", help=NORM_PLACE_HELP)
    mlp: MLPForm = setting("gelu_exact", help=MLP_HELP)
    vocab_size: int | None = setting(None, at_least=2, at_most=10_000_000, help="rows of the embedding; null: the tokenizer's and [MASK]")


@dataclass(frozen=True, kw_only=True)
class XLNetSchema(LayerSchema):
    """Two-stream attention with relative positions. Defaults are XLNet's form (Yang et al. 2019)."""

    PREDICTS: ClassVar[str] = IN_ANY_ORDER
    _target_: str = "assay.model.xlnet.XLNet"
    norm_epsilon: float = setting(1e-12, above=0, at_most=1)
    norm_place: Literal["before", "after"] = setting("after", help=NORM_PLACE_HELP)
    mlp: MLPForm = setting("gelu_exact", help=MLP_HELP)
    bias: bool = setting(True, help="biases in the MLP and LayerNorm; attention has none but XLNet's own two")
    vocab_size: int | None = setting(None, at_least=2, at_most=10_000_000, help="rows of the embedding; null: the tokenizer's")


@dataclass(frozen=True, kw_only=True)
class EncoderDecoderSchema(BlockSchema):
    """A Transformer that reads one text and writes another. Defaults are the original form (Vaswani et al. 2017)."""

    PREDICTS: ClassVar[str] = OTHER_TEXT
    _target_: str = "assay.model.encoder_decoder.TransformerEncoderDecoder"
    n_layer: int = setting(at_least=1, at_most=1000, help="blocks of the encoder")
    n_decoder_layer: int | None = setting(None, at_least=1, at_most=1000, help="blocks of the decoder; null: n_layer")
    position: Literal["learned", "sinusoidal", "rotary", "relative"] = setting("sinusoidal", help=POSITION_HELP)
    norm_place: Literal["before", "after"] = setting("after", help=NORM_PLACE_HELP)
    mlp: MLPForm = setting("relu", help=MLP_HELP)
    scale_embeddings: bool = setting(True, help="times the root of d_model, as the original's")
    scale_scores: bool = setting(True, help="attention's products by the root of a head's width; T5's are not")
    scale_output: bool = setting(False, help="what the output layer reads by the root of d_model, as T5's where it is tied")
    tie_embeddings: bool = setting(True, help="the output layer shares the embedding's weights")
    vocab_size: int | None = setting(
        None, at_least=2, at_most=10_000_000, help="rows of the embedding; null: the tokenizer's and the objective's"
    )


@dataclass(frozen=True, kw_only=True)
class CellSchema:
    """Settings of recurrent models of every form."""

    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    cell: Literal["lstm", "gru"] = setting("lstm", help="lstm: Hochreiter & Schmidhuber 1997; gru: Cho et al. 2014")
    n_layer: int = setting(at_least=1, at_most=1000, help="cells on top of each other")
    d_model: int = setting(at_least=2, at_most=65_536, help="width of the embedding and of what a cell puts out")
    dropout: float = setting(0.0, at_least=0, below=1, help="between layers, never from token to token (Zaremba et al. 2014)")
    dropout_mask: Literal["each", "locked"] = setting(
        "each", help="each: every element by itself; locked: the same channels at all tokens of a row (Gal & Ghahramani 2016)"
    )
    tie_embeddings: bool = setting(True, help="the output layer shares the embedding's weights")
    vocab_size: int | None = setting(None, at_least=2, at_most=10_000_000, help="rows of the embedding; null: the tokenizer's")


@dataclass(frozen=True, kw_only=True)
class RecurrentSchema(CellSchema):
    """A recurrent language model."""

    PREDICTS: ClassVar[str] = NEXT_TOKEN
    _target_: str = "assay.model.recurrent.Recurrent"


@dataclass(frozen=True, kw_only=True)
class RecurrentEncoderDecoderSchema(CellSchema):
    """Recurrent cells that read one text and write another, with attention."""

    PREDICTS: ClassVar[str] = OTHER_TEXT
    _target_: str = "assay.model.recurrent_encoder_decoder.RecurrentEncoderDecoder"
    n_layer: int = setting(at_least=1, at_most=1000, help="cells on top of each other, in the encoder of each direction")
    n_decoder_layer: int | None = setting(None, at_least=1, at_most=1000, help="cells on top of each other in the decoder; null: n_layer")
    attention: Literal["luong", "bahdanau"] = setting(
        "luong", help="luong: products, after the step, all at once; bahdanau: additive, before it, and a loop over the target"
    )


@dataclass(frozen=True, kw_only=True)
class NgramSchema:
    """Interpolated Kneser-Ney n-grams: the floor any neural model should beat."""

    PREDICTS: ClassVar[str] = NEXT_TOKEN
    _target_: str = "assay.model.ngram.Ngram"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    order: int = setting(5, at_least=1, at_most=10, help="length of the longest n-gram")
    discount: float = setting(0.75, above=0, below=1, help="taken from each seen n-gram's count, for the unseen")


@dataclass(frozen=True, kw_only=True)
class Word2VecSchema:
    """A vector of each word (Mikolov et al. 2013)."""

    PREDICTS: ClassVar[str] = NEIGHBOURS
    _target_: str = "assay.model.word2vec.Word2Vec"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    d_model: int = setting(100, at_least=1, at_most=65_536, help="width of the vectors")


@dataclass(frozen=True, kw_only=True)
class FastTextSchema:
    """A vector of each word and of each n-gram of its characters (Bojanowski et al. 2017)."""

    PREDICTS: ClassVar[str] = NEIGHBOURS
    _target_: str = "assay.model.fasttext.FastText"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    d_model: int = setting(100, at_least=1, at_most=65_536, help="width of the vectors")
    min_n: int = setting(3, at_least=1, at_most=100, help="characters of the shortest n-gram, marks of the word's ends included")
    max_n: int = setting(6, at_least=1, at_most=100, help="of the longest")
    buckets: int = setting(200_000, at_least=1, at_most=1_000_000_000, help="vectors that all n-grams share; fastText has 2,000,000")


@dataclass(frozen=True, kw_only=True)
class GloveSchema:
    """Two vectors and two biases of each word, one for it and one for it as another's neighbour (Pennington et al. 2014)."""

    PREDICTS: ClassVar[str] = CO_OCCURRENCE
    _target_: str = "assay.model.glove.Glove"
    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    d_model: int = setting(100, at_least=1, at_most=65_536, help="width of the vectors")


@dataclass(frozen=True, kw_only=True)
class HuggingFaceSchema:
    """A folder of transformers, computed by transformers' own class: any architecture it knows."""

    name: str | None = setting(None, pattern=r"[a-z0-9][a-z0-9_]{0,63}")
    path: str = setting(
        "models/pretrained", path=FOLDER, help="folder that holds config.json and safetensors; in a file relative to the project, or ~/..."
    )
    pretrained: bool = setting(
        True, help="begin with the folder's weights; false: its form alone, with fresh ones for the tokenizer's vocabulary"
    )
    architecture: str | None = setting(None, help="what config.json says; filled in when a run begins, which then needs the folder no more")
    files_sha256: str | None = setting(None, pattern=r"[0-9a-f]{64}", help="of the folder's files; filled in when a run begins")


@dataclass(frozen=True, kw_only=True)
class HuggingFaceDecoderSchema(HuggingFaceSchema):
    """AutoModelForCausalLM."""

    PREDICTS: ClassVar[str] = NEXT_TOKEN
    _target_: str = "assay.model.huggingface.decoder.HuggingFaceDecoder"


@dataclass(frozen=True, kw_only=True)
class HuggingFaceEncoderSchema(HuggingFaceSchema):
    """AutoModelForMaskedLM."""

    PREDICTS: ClassVar[str] = HIDDEN_TOKENS
    _target_: str = "assay.model.huggingface.encoder.HuggingFaceEncoder"


@dataclass(frozen=True, kw_only=True)
class HuggingFaceSeq2SeqSchema(HuggingFaceSchema):
    """AutoModelForSeq2SeqLM."""

    PREDICTS: ClassVar[str] = OTHER_TEXT
    _target_: str = "assay.model.huggingface.seq2seq.HuggingFaceSeq2Seq"


HuggingFaceModel = HuggingFaceDecoderSchema | HuggingFaceEncoderSchema | HuggingFaceSeq2SeqSchema
RecurrentModel = RecurrentSchema | RecurrentEncoderDecoderSchema
WordVectorModel = Word2VecSchema | FastTextSchema | GloveSchema
ModelSchema = (
    TransformerSchema
    | EncoderSchema
    | EncoderDecoderSchema
    | XLNetSchema
    | RecurrentModel
    | NgramSchema
    | WordVectorModel
    | HuggingFaceModel
)
