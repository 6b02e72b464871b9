"""Rules across the fields of a model, its objective and what trains it."""

from assay.config.rule import Rule, nearest_multiple, registering
from assay.config.schema import GROUPS
from assay.model.schema import HIDDEN_TOKENS, NEXT_TOKEN, OTHER_TEXT, WORD_VECTORS, NgramSchema
from assay.objective.schema import SpanCorruptionSchema
from assay.objective.span_sizes import span_sizes
from assay.optimizer.schema import AdaGradSchema, SGDSchema
from assay.tokenizer.schema import ByteSchema

PLAIN = {SGDSchema._target_: "plain_sgd", AdaGradSchema._target_: "adagrad"}
"""Optimizers that an objective's own kernel implements, by the names of its choices."""
BYTE_VOCABULARY = 257  # 256 bytes and the end of a document
FROM_A_FOLDER = {NEXT_TOKEN: "hf", HIDDEN_TOKENS: "hf_encoder", OTHER_TEXT: "hf_seq2seq"}
"""The choice of conf/model/ for a folder of transformers, by what it predicts."""
MODEL_RULES: list[Rule] = []
rule = registering(MODEL_RULES)


@rule("model._target_", "objective._target_")
def the_model_predicts_what_is_asked_of_it(model: str, objective: str) -> str | None:
    given, asked = _predicts("model", model), _predicts("objective", objective)
    if given == asked:
        return None
    fitting = next(each for each in GROUPS["objective"] if given == each.PREDICTS)
    name = fitting._target_.split(".")[-2]
    from_a_folder = model.startswith("assay.model.huggingface.") and asked in FROM_A_FOLDER
    instead = f"model={FROM_A_FOLDER[asked]}" if from_a_folder else "choose another model"
    return f"this model predicts {given}, and this objective asks for {asked}; add objective={name}, or {instead}"


@rule("model._target_", "evaluation.word_similarity")
def words_are_compared_by_vectors_of_words(model: str, sets: list[str]) -> str | None:
    if not sets or _predicts("model", model) in WORD_VECTORS:
        return None
    return f"evaluation.word_similarity={','.join(sets)} compares vectors of words, and this model has none; choose a model of words, or evaluation=basic"


def _predicts(group: str, target: str) -> str:
    return str(next(schema.PREDICTS for schema in GROUPS[group] if target == schema._target_))


def _own_optimizer(objective: str) -> str | None:
    return next(getattr(schema, "OPTIMIZER", None) for schema in GROUPS["objective"] if objective == schema._target_)


@rule("objective._target_", "optimizer._target_")
def updates_are_made_by_whom_they_can_be(objective: str, optimizer: str) -> str | None:
    own = _own_optimizer(objective)
    if own is None or optimizer == own:
        return None
    return f"this objective makes its updates itself, by {own.split('.')[-1]} and not by {optimizer.split('.')[-1]}; add optimizer={PLAIN[own]}"


@rule("objective._target_", "optimizer._target_", "optimizer.momentum", "optimizer.weight_decay")
def updates_in_place_have_no_momentum(objective: str, optimizer: str, momentum: float, weight_decay: float) -> str | None:
    own = _own_optimizer(objective)
    if own != optimizer or (momentum == 0 and weight_decay == 0):
        return None
    return (
        f"optimizer.momentum={momentum:g} and optimizer.weight_decay={weight_decay:g}: this objective updates a pair of words at a time, "
        f"without either; add optimizer={PLAIN[own]}, or set both to 0"
    )


@rule(
    "objective._target_",
    "trainer.accelerator",
    "trainer.precision",
    "trainer.compile",
    "trainer.skip_gradient_norm_above",
)
def updates_in_place_are_the_cpus(objective: str, accelerator: str, precision: str, compiled: bool, skip_norm: float | None) -> str | None:
    if _own_optimizer(objective) is None:
        return None
    asked = {
        f"trainer.accelerator={accelerator}": accelerator == "gpu",
        f"trainer.precision={precision}": precision == "bf16",
        "trainer.compile=true": compiled,
        f"trainer.skip_gradient_norm_above={skip_norm}": skip_norm is not None,
    }
    wrong = [name for name, found in asked.items() if found]
    return (
        f"{', '.join(wrong)}: this objective is trained by a compiled kernel of its own, on one CPU in float32; leave it out"
        if wrong
        else None
    )


@rule("trainer.compile", "model.cell")
def cells_are_not_compiled(compiled: bool, cell: str) -> str | None:
    if not compiled:
        return None
    return (
        f"trainer.compile=true: torch.compile has no form of recurrent cells (model.cell={cell}), and what stands around them gains nothing; "
        "give trainer.compile=false"
    )


@rule("objective.masked_fraction", "objective.random_fraction")
def parts_are_no_more_than_the_whole(masked: float, random: float) -> str | None:
    if masked + random <= 1:
        return None
    return f"objective.masked_fraction={masked} and objective.random_fraction={random} are together more than all hidden tokens"


@rule("trainer.ema_decay", "model._target_")
def counts_have_no_average(ema_decay: float | None, model: str) -> str | None:
    if ema_decay is None or model != NgramSchema._target_:
        return None
    return (
        f"trainer.ema_decay={ema_decay:g} is of weights that a gradient changes, and this model counts; remove it, or choose another model"
    )


@rule("trainer.devices", "trainer.strategy")
def training_uses_one_device(devices: int, strategy: str) -> str | None:
    """Processes of several devices would read the same windows, average no gradient, and meet each other's run lock."""
    asked = [f"trainer.devices={devices}"] * (devices > 1) + [f"trainer.strategy={strategy}"] * (strategy != "auto")
    if not asked:
        return None
    return f"{', '.join(asked)}: training on several devices is not implemented; give trainer.devices=1 trainer.strategy=auto, or leave them out"


@rule("objective._target_", "objective.hidden_fraction", "objective.mean_span_tokens", "data.context_tokens")
def each_span_has_a_sentinel(target: str, fraction: float, mean: float, context_tokens: int) -> str | None:
    if target != SpanCorruptionSchema._target_:
        return None
    spans, most = span_sizes(context_tokens, fraction, mean)[1], SpanCorruptionSchema.EXTRA_TOKENS - 1
    if spans <= most:
        return None
    return (
        f"objective.hidden_fraction={fraction:g} and objective.mean_span_tokens={mean:g} make {spans} spans of data.context_tokens={context_tokens}, "
        f"and there are sentinels for {most}; lower data.context_tokens, or raise objective.mean_span_tokens"
    )


@rule("objective.masked_fraction", "objective.deleted_fraction")
def a_token_is_masked_or_deleted(masked: float, deleted: float) -> str | None:
    if masked + deleted <= 1:
        return None
    return f"objective.masked_fraction={masked:g} and objective.deleted_fraction={deleted:g} are together more than all tokens outside of spans"


@rule("objective.hidden_fraction", "objective.masked_fraction", "objective.deleted_fraction", "objective.permute_sentences")
def something_is_taken_away(hidden: float, masked: float, deleted: float, permuted: bool) -> str | None:
    if hidden or masked or deleted or permuted:
        return None
    return "the objective hides nothing, so there is nothing to learn but copying; raise objective.hidden_fraction"


@rule("model.d_model", "model.n_head", "model.d_head")
def heads_divide_the_width(d_model: int, n_head: int, d_head: int | None) -> str | None:
    if d_head is not None or d_model % n_head == 0:
        return None
    nearest = nearest_multiple(d_model, n_head)
    return f"model.d_model={d_model} is not divisible by model.n_head={n_head}; the nearest width that is: {nearest}"


@rule("model.attention", "model.d_model")
def two_directions_share_the_width(attention: str, d_model: int) -> str | None:
    if d_model % 2 == 0:
        return None
    return f"model.d_model={d_model} is odd, and each direction of the encoder has half of it; the nearest width: {nearest_multiple(d_model, 2)}"


@rule("model.n_head", "model.n_kv_head")
def shared_heads_divide_the_heads(n_head: int, n_kv_head: int | None) -> str | None:
    if n_kv_head is None or n_head % n_kv_head == 0:
        return None
    return f"model.n_head={n_head} is not divisible by model.n_kv_head={n_kv_head}, so some would serve more heads than others"


@rule("model.position", "model.d_model", "model.n_head", "model.d_head")
def rotary_turns_pairs(position: str, d_model: int, n_head: int, d_head: int | None) -> str | None:
    width = d_head or d_model // n_head
    if position != "rotary" or (d_head is None and d_model % n_head) or width % 2 == 0:
        return None
    if d_head is not None:
        return f"model.position=rotary needs heads of even width, found model.d_head={d_head}"
    return f"model.position=rotary needs heads of even width, found {width} (model.d_model={d_model} / model.n_head={n_head})"


@rule("model.position", "model.n_positions", "data.context_tokens")
def every_position_has_a_row(position: str, n_positions: int | None, context_tokens: int) -> str | None:
    if position != "learned" or n_positions is None or n_positions >= context_tokens:
        return None
    return f"model.n_positions={n_positions} is less than data.context_tokens={context_tokens}; raise it, or give null to follow"


@rule("model.position", "model.relative_buckets", "model.relative_distance")
def far_distances_have_buckets(position: str, buckets: int, farthest: int) -> str | None:
    if position != "relative" or farthest > buckets // 2:
        return None
    return (
        f"model.relative_distance={farthest} is within the half of model.relative_buckets={buckets} that hold one distance each; "
        f"raise it above {buckets // 2}, or lower the buckets"
    )


@rule("model.vocab_size", "tokenizer.vocab_size")
def every_token_has_a_row(rows: int | None, vocab_size: int) -> str | None:
    if rows is None or rows >= vocab_size:
        return None
    return f"model.vocab_size={rows} is less than tokenizer.vocab_size={vocab_size}; raise it, or give null to follow"


@rule("model.vocab_size", "tokenizer._target_")
def every_byte_has_a_row(rows: int | None, target: str) -> str | None:
    if rows is None or target != ByteSchema._target_ or rows >= BYTE_VOCABULARY:
        return None
    return f"model.vocab_size={rows} is less than the {BYTE_VOCABULARY} of tokenizer=byte; raise it, or give null to follow"


@rule("model.min_n", "model.max_n")
def ngrams_have_a_length(shortest: int, longest: int) -> str | None:
    return f"model.min_n={shortest} is above model.max_n={longest}, so a word would have no n-grams" if shortest > longest else None
