"""Fields that contradict each other are told together, with what would agree; a field that is wrong by itself is told once."""

from collections.abc import Callable
from typing import Any

import pytest

from assay.config.model_rules import MODEL_RULES
from assay.config.rules import RULES
from assay.data.schema import OutsideSchema

Wrong = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (
            ["trainer.max_minutes=1", "prepare=never"],
            "override trainer.max_minutes=1 and override prepare=never: trainer.max_minutes ends where the clock says, "
            "and prepare=never is for pipeline stages, which must give the same again; use trainer.max_tokens",
        ),
        (
            ["evaluation.word_similarity=[simlex999]"],
            "override evaluation.word_similarity=[simlex999] and conf/model/gpt_small.yaml:2: evaluation.word_similarity=simlex999 compares "
            "vectors of words, and this model has none; choose a model of words, or evaluation=basic",
        ),
        (
            ["trainer.tokens_per_step=5000"],
            "override trainer.tokens_per_step=5000 and conf/trainer/cpu.yaml:5: "
            "trainer.tokens_per_step=5000 is not a whole number of micro-batches of 1024 tokens "
            "(trainer.sequences_per_microbatch=4 x data.context_tokens=256); the nearest that is: 4096 or 5120",
        ),
        (
            ["trainer.max_tokens=1023"],
            "override trainer.max_tokens=1023 and conf/trainer/cpu.yaml:4: "
            "trainer.max_tokens=1023 is less than one step of trainer.tokens_per_step=1024",
        ),
        (
            ["trainer.max_steps=10", "schedule.warmup_steps=10"],
            "override schedule.warmup_steps=10 and override trainer.max_steps=10 and conf/trainer/cpu.yaml:4: "
            "schedule.warmup_steps=10 leaves nothing of the run's 10 steps (trainer.max_steps=10); lower it, or set it to auto",
        ),
        (
            ["schedule.warmup_steps=1171"],
            "override schedule.warmup_steps=1171 and conf/trainer/cpu.yaml:4 and conf/trainer/cpu.yaml:3: "
            "schedule.warmup_steps=1171 leaves nothing of the run's 1171 steps "
            "(trainer.max_tokens=1200000 / trainer.tokens_per_step=1024); lower it, or set it to auto",
        ),
        (
            ["cleaning.min_characters=11", "cleaning.max_characters=10"],
            "override cleaning.min_characters=11 and override cleaning.max_characters=10: "
            "cleaning.min_characters=11 is above cleaning.max_characters=10, so every document would go",
        ),
        (
            ["cleaning.encodings=[auto,utf-8]"],
            "override cleaning.encodings=[auto,utf-8]: cleaning.encodings names auto beside others; "
            "auto tries all of them: give it alone, or a list without it",
        ),
        (
            ["cleaning.languages=[en,english]"],
            "override cleaning.languages=[en,english]: cleaning.languages names english; known are unknown, other, en, de, fr, es, it, pt, nl, "
            "pl, id, sv, da, no, fi, cs, hu, ro, tr, vi, ca, hr, sk, sl, ru, uk, bg, ar, fa, ur, el, he, th, hi, ko, ja, zh-Hans, zh-Hant, zh",
        ),
        (["cleaning.encodings=[]"], "override cleaning.encodings=[]: cleaning.encodings is empty, so every file would be dropped"),
        (
            ["engine.address=head:6379"],
            "override engine.address=head:6379 and conf/engine/local.yaml:2: "
            "engine.address=head:6379 names a Ray cluster, and the engine is local; add engine=ray, or leave the address out",
        ),
        (["data.sources=[]"], "override data.sources=[]: data.sources is empty: name at least one package, npm, url, folder or stdlib"),
    ],
)
def test_fields_that_contradict_are_both_named(wrong: Wrong, overrides: list[str], line: str) -> None:
    [found] = wrong(*overrides)
    *places, text = [*found.partition(": ")[0].split(" and "), found.partition(": ")[2]]
    *expected_places, expected = [*line.partition(": ")[0].split(" and "), line.partition(": ")[2]]
    assert (sorted(places), text) == (sorted(expected_places), expected)


@pytest.mark.parametrize(
    "overrides",
    [
        ["model.d_model=390"],
        ["model=llama_small", "model.n_kv_head=3"],
        ["model.position=rotary", "model.d_model=24"],
        ["model.position=rotary", "model.n_positions=128"],
        ["model.d_model=385", "model.d_head=7"],
        ["model.position=relative", "model.relative_distance=17"],
        ["model=seq2seq_nano", "objective=span_corruption", "data.context_tokens=1984", "trainer.tokens_per_step=7936"],
        ["model=seq2seq_nano", "objective=denoising", "objective.hidden_fraction=0", "objective.permute_sentences=true"],
        ["model.n_positions=256"],
        ["model.vocab_size=4096"],
        ["model.vocab_size=257", "tokenizer=byte"],
        ["trainer.tokens_per_step=8192"],
        ["trainer.max_tokens=1024"],
        ["trainer.max_steps=11", "schedule.warmup_steps=10"],
        ["schedule.warmup_steps=1170"],
        ["trainer.max_minutes=1", "schedule.warmup_steps=1000"],
        ["optimizer=sgd", "optimizer.nesterov=true"],
        ["cleaning.min_characters=10", "cleaning.max_characters=10"],
        ["model=ngram"],
        ["model=word2vec", "objective=cbow", "optimizer=sgd", "optimizer.momentum=0"],
        ["model=fasttext", "objective=skip_gram", "optimizer=plain_sgd", "model.min_n=6", "trainer.accelerator=cpu"],
    ],
    ids=" ".join,
)
def test_the_nearest_values_that_agree_pass(good: Callable[..., Any], overrides: list[str]) -> None:
    good(*overrides)


HASH = "a" * 64


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{sha256: HASH}", "exactly one of package, npm, url, folder, stdlib is needed, found none"),
        ("{folder: a, url: 'http://b', sha256: HASH}", "exactly one of package, npm, url, folder, stdlib is needed, found url and folder"),
        ("{package: a==1}", "package needs sha256, the hash of the downloaded file, so that the corpus cannot change unseen"),
        ("{npm: a@1}", "npm needs sha256, the hash of the downloaded file, so that the corpus cannot change unseen"),
        ("{url: 'http://b'}", "url needs sha256, the hash of the downloaded file, so that the corpus cannot change unseen"),
        ("{folder: a, sha256: HASH}", "sha256 belongs to a downloaded file, not to folder; remove it"),
        ("{stdlib: true, sha256: HASH}", "sha256 belongs to a downloaded file, not to stdlib; remove it"),
        ("{folder: a, members: []}", "members is empty, so nothing would be read"),
        ("{folder: a, text_fields: []}", "text_fields is empty, so nothing would be read"),
        (
            "{folder: texts, format: html, id_field: key}",
            "format=html has no records with fields of their own, so id_field names none; remove it or set another format",
        ),
        (
            "{folder: a, format: lines, text_fields: [t]}",
            "format=lines has no fields, so text_fields and document say nothing; remove them or set another format",
        ),
        (
            "{folder: a, format: txt, document: field}",
            "format=txt has no fields, so text_fields and document say nothing; remove them or set another format",
        ),
    ],
)
def test_a_source_that_cannot_be_read_is_told_with_its_line(
    wrong: Wrong, write: Callable[[str, str], None], source: str, text: str
) -> None:
    write("data/mine", "language: en\nlicence: x\nsources:\n  - {folder: texts}\n  - " + source.replace("HASH", HASH) + "\n")
    assert wrong("data=mine") == [f"conf/data/mine.yaml:5: data.sources.1: {text}"]


def test_one_bad_source_does_not_hide_another(wrong: Wrong, write: Callable[[str, str], None]) -> None:
    write("data/mine", "language: en\nlicence: x\nsources:\n  - {folder: 5}\n  - {url: 'http://b'}\n")
    assert [line[:45] for line in wrong("data=mine")] == [
        "conf/data/mine.yaml:4: data.sources.0.folder ",
        "conf/data/mine.yaml:5: data.sources.1: url ne",
    ]


def test_a_field_that_is_wrong_by_itself_takes_part_in_no_rule(wrong: Wrong) -> None:
    assert len(wrong("model.n_head=0", "model.d_model=385", "trainer.tokens_per_step=-3")) == 2


def test_a_rule_over_a_group_whose_choice_is_wrong_is_not_asked(wrong: Wrong) -> None:
    assert len(wrong("model=gpt_smal", "model.d_model=385")) == 1


def test_every_rule_names_fields_that_exist(wrong: Wrong) -> None:
    from assay.config.check import hints, options
    from assay.config.schema import GROUPS, AnnotateCommand, BagOfWordsConfig, ClassifierConfig, CleanCommand, TrainConfig

    parts = {**GROUPS, "source": (OutsideSchema,)}
    known = {f"{part}.{name}" for part, schemas in parts.items() for schema in schemas for name in hints(schema)}
    known |= {name for schema in (TrainConfig, CleanCommand, AnnotateCommand, BagOfWordsConfig, ClassifierConfig) for name in hints(schema)}
    assert options(int) == (int,)
    assert {name for rule in (*MODEL_RULES, *RULES) for name in rule.names} <= known


SEVERAL = "language: en\nlicence: x\nsources:\n  - {folder: a%s}\n  - {folder: b%s}\n"


@pytest.mark.parametrize(
    ("first", "second", "lines"),
    [
        (
            ", weight: 0",
            ", weight: -1",
            ["4: data.sources.0.weight must be above 0, found 0.0", "5: data.sources.1.weight must be above 0"],
        ),
        (", weight: .nan", "", ["4: data.sources.0.weight must be a finite number, found nan"]),
        (
            ", weight: 2",
            "",
            ["3: data.sources: 0 of the list (from 0) have a weight and 1 none; give each one, since they are ratios, or none"],
        ),
        (", name: x", ", name: x", ["3: data.sources has two sources of the name x; metrics need one for each"]),
        (", name: A/b", "", ["4: data.sources.0.name must match"]),
    ],
)
def test_weights_and_names_that_cannot_be_meant_are_told(
    wrong: Wrong, write: Callable[[str, str], None], first: str, second: str, lines: list[str]
) -> None:
    write("data/mine", SEVERAL % (first, second))
    found = wrong("data=mine")
    assert len(found) == len(lines)
    assert all(said.startswith(f"conf/data/mine.yaml:{line}") for said, line in zip(found, lines, strict=True)), found


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (
            ["data.sources.0.weight=2"],
            "data.sources.0.weight=2 weighs the only source, of which all windows are anyway; remove it, or add a source",
        ),
        (["data.temperature=3"], "data.temperature=3 moves shares between sources, and this corpus has one; remove it, or add a source"),
        (["data.temperature=0"], "data.temperature must be above 0, found 0.0"),
        (["data.temperature=nan"], "data.temperature must be a finite number, found nan"),
    ],
)
def test_to_weigh_one_source_says_nothing_and_is_refused(wrong: Wrong, words: list[str], text: str) -> None:
    assert [line.partition(": ")[2] for line in wrong("data=shakespeare", *words)] == [text]


def test_weights_and_temperatures_between_sources_pass(good: Callable[..., Any], write: Callable[[str, str], None]) -> None:
    write("data/mine", SEVERAL % (", weight: 2", ", weight: 0.5"))
    good("data=mine", "data.temperature=0.5")
    good("data=mine", "data.sources.1.weight=7")
    good("data=evals", "data.temperature=1")
    good("data=shakespeare", "data.temperature=1")
