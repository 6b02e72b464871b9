"""Each field holds its type and range, and every mistake is told at once with its place and the nearest right name."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.config.check import check, hints, options
from assay.config.fields import Range, setting
from assay.config.schema import GROUPS, TrainConfig

Wrong = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("override", "rule"),
    [
        ("model.n_layer=0", "model.n_layer must be at least 1, found 0"),
        ("model.n_layer=-1", "model.n_layer must be at least 1, found -1"),
        ("model.n_layer=1000000000", "model.n_layer must be at most 1,000, found 1000000000"),
        ("model.n_layer=1e9", "model.n_layer must be a whole number, found 1000000000.0; write 1000000000"),
        ("model.n_layer=4.5", "model.n_layer must be a whole number, found 4.5"),
        ("model.n_layer=abc", "model.n_layer must be a whole number, found 'abc'"),
        ("model.n_layer=null", "model.n_layer must be a whole number, found null"),
        ("model.n_layer=true", "model.n_layer must be a whole number, found true"),
        ("model.n_layer='4'", "model.n_layer must be a whole number, found '4'"),
        ("model.n_layer=[4]", "model.n_layer must be a whole number, found a list"),
        ("model.n_layer={a: 4}", "model.n_layer must be a whole number, found a mapping"),
        ("model.n_layer=???", "model.n_layer is required and not given (blocks)"),
        ("optimizer.learning_rate=nan", "optimizer.learning_rate must be a finite number, found nan"),
        ("optimizer.learning_rate=inf", "optimizer.learning_rate must be a finite number, found inf"),
        ("optimizer.learning_rate=-inf", "optimizer.learning_rate must be a finite number, found -inf"),
        ("optimizer.learning_rate=-1", "optimizer.learning_rate must be above 0, found -1.0"),
        ("optimizer.learning_rate=0", "optimizer.learning_rate must be above 0, found 0.0"),
        ("optimizer.learning_rate=true", "optimizer.learning_rate must be a number, found true"),
        ("model.dropout=1", "model.dropout must be below 1, found 1.0"),
        ("model.bias=1", "model.bias must be true or false, found 1"),
        ("model.bias=yes", "model.bias must be true or false, found 'yes'"),
        ("model.norm=layernrom", "model.norm must be one of layernorm, rmsnorm, found 'layernrom'; did you mean layernorm?"),
        ("model.norm=null", "model.norm must be one of layernorm, rmsnorm, found null"),
        ("schedule.warmup_steps=-1", "schedule.warmup_steps must be at least 0, found -1"),
        ("schedule.warmup_steps=Auto", "schedule.warmup_steps must be a whole number or 'auto', found 'Auto'"),
        ("trainer.gradient_clip_norm=0", "trainer.gradient_clip_norm must be above 0, found 0.0"),
        ("trainer.gradient_clip_norm=off", "trainer.gradient_clip_norm must be a number or null, found 'off'"),
        (
            "tracking.run_name=3",
            'tracking.run_name must be text or null, found 3; quote it: \'"..."\' on the command line, "..." in a file',
        ),
        ("data.language=english", "data.language must be one of en, zh, code, other, found 'english'"),
        ("cleaning.encodings=utf-8", "cleaning.encodings must be a list, found 'utf-8'"),
        (
            "cleaning.encodings=[utf8]",
            "cleaning.encodings.0 must be one of auto, utf-8, gb18030, big5, cp1252, found 'utf8'; did you mean utf-8?",
        ),
        ("data.sources=[5]", "data.sources.0 must be a mapping of fields, found 5"),
        ("seed=9223372036854775808", "seed must be at most 9,223,372,036,854,775,807, found 9223372036854775808"),
        ("seed=" + "9" * 40, "seed must be at most 9,223,372,036,854,775,807, found a number of more than 30 digits"),
        ("model=[]", "model takes the name of one file"),
    ],
)
def test_a_value_that_breaks_its_rule_is_told_with_the_rule(wrong: Wrong, override: str, rule: str) -> None:
    [line] = wrong(override)
    assert line.startswith(f"override {override}: {rule}")


@pytest.mark.parametrize("name", ["/abs", "a/../../x", "..", "-x", "a b", "x\n", "a" * 300 + "/.."])
def test_an_export_stays_in_the_project(wrong: Wrong, name: str) -> None:
    [line] = wrong("export='" + name + "'")
    assert "export must be a folder inside the project" in line


@pytest.mark.parametrize("name", ["a/b", "../x", "x" * 300, "-x", "x\x00", "x\n"])
def test_a_run_name_is_no_path(name: str) -> None:
    checked = check({"tracking": {"run_name": name}}, TrainConfig, lambda keys: "here")
    assert ("tracking", "run_name") not in checked.good
    assert any("tracking.run_name must" in problem.text for problem in checked.problems)


def test_a_whole_number_serves_as_a_number(good: Callable[..., Any]) -> None:
    rate = good("optimizer.learning_rate=1").optimizer.learning_rate
    assert (type(rate), rate) == (float, 1.0)


@pytest.mark.parametrize(
    ("override", "text"),
    [
        ("model.n_haed=4", "model.n_haed: unknown key; did you mean model.n_head? (model has: name, n_layer, n_head, "),
        ("+model.x=1", "model.x: unknown key (model has: name, "),
        ("++model.n_layers=1", "model.n_layers: unknown key; did you mean model.n_layer? (model has: name, "),
        ("optimizer.lr=1", "optimizer.lr: unknown key; did you mean optimizer.learning_rate? (optimizer has: name, "),
        ("n_head=4", "n_head: unknown key; did you mean model.n_head?"),
        ("modl=gpt2", "modl: unknown key; did you mean model?"),
        ("modle.n_head=4", "modle: unknown key; did you mean model?"),
        ("data.sources.0.sha=x", "data.sources.0.sha: unknown key; did you mean data.sources.0.sha256? (data.sources.0 has: package, "),
        ("zzzzzz=1", "zzzzzz: unknown key"),
        ("~model.droput", "model.droput: unknown key; did you mean model.dropout?"),
        ("~zzzzz", "zzzzz: unknown key"),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest(wrong: Wrong, override: str, text: str) -> None:
    [line] = wrong(override)
    assert line.startswith(f"override {override}: {text}")


@pytest.mark.parametrize(
    ("override", "place"),
    [
        ("+tracking.api_key=hunter2", "override +tracking.api_key=..."),
        ("+tracking.hfToken=hunter2", "override +tracking.hfToken=..."),
        ("password=hunter2", "override password=..."),
        ("+tracking={client_secret: hunter2}", "override +tracking={client_secret: hunter2}"),
    ],
)
def test_a_secret_is_refused_and_not_repeated(wrong: Wrong, override: str, place: str) -> None:
    [line] = wrong(override)
    assert "looks like a secret" in line
    assert "environment" in line
    assert "hunter2" not in line


@pytest.mark.parametrize("url", ["https://me:hunter2@example.org/x", "https://hunter2@example.org", "http://:hunter2@h"])
def test_a_login_in_a_url_is_refused_and_not_repeated(wrong: Wrong, write: Callable[[str, str], None], url: str) -> None:
    write("data/mine", f"language: en\nlicence: x\nsources:\n  - url: {url}\n    sha256: {'a' * 64}\n")
    [line] = wrong("data=mine")
    assert line.startswith("conf/data/mine.yaml:4: data.sources.0.url must not hold a login")
    assert "hunter2" not in line
    [line] = wrong(f"tracking.experiment='{url}'")
    assert "hunter2" not in line


CANARIES = [
    "os.system",
    "builtins.open",
    "pathlib.Path.write_text",
    "assay.model.transformer.os.system",
    "assay.data.datamodule.TokenWindows",
    "assay.config.build.build",
]


@pytest.mark.parametrize("target", [*CANARIES, "", "assay.model.transformer", "assay.optimizer.adamw.AdamW"])
def test_only_the_classes_of_the_group_may_be_named(wrong: Wrong, target: str) -> None:
    [line] = wrong(f"model._target_='{target}'")
    listed = " or ".join(schema._target_ for schema in GROUPS["model"])
    assert f"model._target_ may only be {listed}, found" in line


@pytest.mark.parametrize("target", [*CANARIES, "assay.objective.causal_lm.os.system"])
def test_a_group_with_one_class_may_name_no_other(wrong: Wrong, target: str) -> None:
    [line] = wrong(f"objective._target_={target}")
    listed = " or ".join(schema._target_ for schema in GROUPS["objective"])
    assert f"objective._target_ may only be {listed}, found '{target}'" in line


@pytest.mark.parametrize("key", ["_partial_", "_args_", "_convert_", "_recursive_", "_mode_"])
def test_words_that_steer_the_building_are_refused(wrong: Wrong, key: str) -> None:
    for override in (f"+model.{key}=1", f"+data.sources.0.{key}=1", f"+trainer.{key}=1", f"+{key}=1"):
        [line] = wrong(override)
        assert "is not allowed: a config chooses values, never what is called or how" in line


def test_a_target_where_none_belongs_is_refused(wrong: Wrong) -> None:
    for override in (
        "+data.sources.0._target_=os.system",
        "+cleaning._target_=os.system",
        "+trainer._target_=os.system",
        "+_target_=os.system",
    ):
        [line] = wrong(override)
        assert "_target_ is not allowed" in line


def test_mistakes_beside_a_wrong_target_are_told_too(wrong: Wrong) -> None:
    lines = wrong("model._target_=os.system", "model.n_haed=4", "model.n_layer=0")
    assert len(lines) == 3


def test_a_required_field_is_told_with_the_file_that_lacks_it(wrong: Wrong, write: Callable[[str, str], None]) -> None:
    write("model/mine", "_target_: assay.model.transformer.Transformer\nn_layer: 2\nd_model: 4\n")
    assert wrong("model=mine") == ["conf/model/mine.yaml: model.n_head is required and not given (attention heads; must divide d_model)"]
    write("model/mine", "order: 3\n")
    classes = " or ".join(schema._target_ for schema in GROUPS["model"])
    assert wrong("model=mine") == [f"conf/model/mine.yaml: model._target_ is needed: {classes}"]


def test_an_empty_config_asks_for_every_group() -> None:
    checked = check({}, TrainConfig, lambda keys: "here")
    groups = [each.name for each in fields(TrainConfig) if any(map(is_dataclass, options(hints(TrainConfig)[each.name])))]
    groups.remove("engine")  # it changes no result, so configs stored before there was a choice name none
    assert [problem.text for problem in checked.problems] == [f"{group} is required: choose a file of conf/{group}/" for group in groups]


@dataclass(frozen=True, kw_only=True)
class Tiny:
    count: int = setting(at_least=1, at_most=9)
    share: float = setting(above=0, below=1)
    word: str | None = setting(None, pattern=r"[a-z]+")


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ANY = SCALARS | st.lists(SCALARS, max_size=2) | st.builds(dict) | st.sampled_from([1, 9, 10, 0.5, "a", "ab", "A"])


@given(st.fixed_dictionaries({}, optional={"count": ANY, "share": ANY, "word": ANY, "other": ANY}))
def test_whatever_the_values_only_good_ones_pass_and_nothing_is_raised(values: dict[str, Any]) -> None:
    count, share, word = values.get("count"), values.get("share"), values.get("word")
    right = (
        type(count) is int
        and 1 <= count <= 9
        and type(share) is float
        and 0 < share < 1
        and (word is None or (isinstance(word, str) and word.isascii() and word.isalpha() and word.islower()))
        and "other" not in values
    )
    checked = check(values, Tiny, lambda keys: "here")
    assert (checked.problems == []) == right
    if right:
        assert checked.config == Tiny(count=count, share=share, word=word)


def test_the_default_of_every_field_is_within_its_own_range() -> None:
    def within(schema: Any) -> None:
        for each in fields(schema):
            hint = hints(schema)[each.name]
            for member in options(hint):
                if is_dataclass(member):
                    within(member)
            limits = each.metadata.get("range", Range())
            value = each.default
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                assert limits.at_least is None or value >= limits.at_least, (schema, each.name)
                assert limits.at_most is None or value <= limits.at_most, (schema, each.name)
                assert limits.above is None or value > limits.above, (schema, each.name)
                assert limits.below is None or value < limits.below, (schema, each.name)

    within(TrainConfig)
