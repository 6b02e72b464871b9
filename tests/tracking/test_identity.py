"""What makes two runs the same experiment."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assay.config.load import load
from assay.config.schema import TrainConfig
from assay.data.prepare import Prepared
from assay.files import canonical_json, sha256_bytes, write_manifest
from assay.tracking import identity
from assay.tracking.identity import Identity, identify
from assay.trainer.plan import make_plan

PLAIN = ("trainer=smoke", "trainer.threads=2", "trainer.precision=fp32", "trainer.accelerator=cpu")


def of(prepared: Prepared, *overrides: str) -> Identity:
    config = load("train", [*PLAIN, *overrides], TrainConfig)
    return identify(config, make_plan(config), prepared)


@pytest.mark.parametrize(
    "words",
    [
        ("tracking.run_name=other", "tracking.experiment=other", "tracking.system_metrics_seconds=1"),
        ("rerun=true", "resume=abc1", "dry_run=true", "prepare=never", "export=models/x"),
        ("engine=ray", "engine.address=head:6379"),
        ("trainer.print_every_steps=7", "trainer.checkpoint_every_steps=3"),
        ("data.name=other", "data.language=zh", "data.workers=2", "trainer.name=other", "model.name=other"),
        ("cleaning.min_characters=3", "tokenizer.vocab_size=300"),  # they count through the hashes of what they made
        ("schedule.warmup_steps=0",),  # what auto comes to: a twentieth of 4 steps
        ("~trainer.max_steps", "trainer.max_tokens=4096"),  # 4 steps of 1,024
    ],
)
def test_what_changes_no_number_changes_no_identity(words: tuple[str, ...], prepared: Prepared) -> None:
    assert of(prepared, *words) == of(prepared)


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("seed=2", "config"),
        ("model.d_model=60", "config"),
        ("model=llama_nano", "config"),
        ("optimizer.learning_rate=0.5", "config"),
        ("optimizer=sgd", "config"),
        ("data.context_tokens=128", "config"),
        ("trainer.sequences_per_microbatch=4", "config"),
        ("trainer.compile=true", "config"),
        ("trainer.gradient_clip_norm=null", "config"),
        ("evaluation.sequences_per_batch=4", "config"),
        ("schedule.final_fraction=0.5", "config"),
        ("trainer.max_steps=5", "plan"),
        ("trainer.threads=1", "plan"),
        ("trainer.precision=bf16", "plan"),
        ("trainer.evaluate_every_steps=2", "plan"),
        ("schedule.warmup_steps=1", "plan"),
    ],
)
def test_what_shapes_the_numbers_changes_the_identity(word: str, part: str, prepared: Prepared) -> None:
    plain, other = of(prepared), of(prepared, word)
    assert plain.sha256 != other.sha256
    assert plain.parts[part] != other.parts[part]


def test_what_is_read_of_each_source_counts_and_not_how_it_is_written(prepared: Prepared) -> None:
    weighed = of(prepared, "data=stage_and_web")
    ratio = [f"data.sources.{place}.weight=5" for place in range(3)]
    assert of(prepared, "data=stage_and_web", *ratio) == weighed
    assert of(prepared, "data=stage_and_web", "data.sources.0.weight=2").parts["config"] != weighed.parts["config"]
    assert of(prepared, "data=stage_and_web", "data.temperature=3").parts["config"] != weighed.parts["config"]
    assert of(prepared, "data=stage_and_web", "data.temperature=1") == of(prepared)


@pytest.mark.parametrize("name", ["tokens", "tokenizer"])
def test_other_data_are_another_experiment(name: str, prepared: Prepared) -> None:
    changed: dict[str, Any] = {**prepared.manifests, "tokens": {"content_sha256": "d" * 64}}
    if name == "tokenizer":
        changed = {**prepared.manifests, "tokenizer": {"files": {"tokenizer.json": {"sha256": "d" * 64}}}}
    plain, other = of(prepared), of(replace(prepared, manifests=changed))
    assert {part for part in plain.parts if plain.parts[part] != other.parts[part]} == {name}
    assert plain.sha256 != other.sha256


def test_weights_to_begin_with_count_by_what_they_are(begin: Callable[..., Path], prepared: Prepared) -> None:
    for run_id, weights in (("a1", b"1"), ("a2", b"1"), ("b1", b"2")):
        checkpoint = begin(run_id, run_id) / "checkpoints/step_000000002"
        checkpoint.mkdir(parents=True)
        (checkpoint / "weights.safetensors").write_bytes(weights)
        (checkpoint / "optimizer.safetensors").write_text(run_id)
        write_manifest(checkpoint)
    plain, one, same, other = of(prepared), of(prepared, "init=a1"), of(prepared, "init=a2/step_2"), of(prepared, "init=b1")
    assert one == same
    assert {part for part in other.parts if other.parts[part] != one.parts[part]} == {"init"}
    assert set(one.parts) - set(plain.parts) == {"init"}
    assert len({plain.sha256, one.sha256, other.sha256}) == 3


def test_each_part_is_a_hash_of_an_input_that_can_be_read(prepared: Prepared) -> None:
    found = of(prepared)
    assert set(found.inputs) == set(found.parts)
    assert found.inputs["config"]["seed"] == 1
    assert (found.inputs["tokens"], found.parts["tokens"]) == ("a" * 64, "a" * 64)
    assert found.parts["plan"] == sha256_bytes(canonical_json(found.inputs["plan"]))


@pytest.mark.parametrize("what", ["cpu_features", "cpu_variables", "package_versions", "c_library"])
def test_another_machine_may_give_other_bits(what: str, prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = of(prepared)
    monkeypatch.setattr(identity, what, lambda *names: ["other"])
    other = of(prepared)
    assert {part for part in plain.parts if plain.parts[part] != other.parts[part]} == {"environment"}


def test_the_gpu_its_driver_and_its_libraries_are_of_the_environment_of_a_run_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    config = load("train", list(PLAIN), TrainConfig)
    plan = make_plan(config)
    on_cpu = identity.environment(config, plan)
    monkeypatch.setattr(identity, "gpu_models", lambda: ["a model", "a driver"])
    monkeypatch.setattr(identity, "gpu_packages", lambda: ["nvidia_cudnn_cu13"])
    assert identity.environment(config, plan) == on_cpu
    on_gpu = identity.environment(config, replace(plan, accelerator="gpu"))
    assert on_gpu["gpu"] == ["a model", "a driver"]
    assert on_gpu["packages"] == {**on_cpu["packages"], "nvidia_cudnn_cu13": "absent"}


def test_the_weights_of_a_folder_and_the_code_that_reads_them_are_part_of_it(prepared: Prepared, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"one")
    first = of(prepared, f"init={tmp_path}")
    (tmp_path / "model.safetensors").write_bytes(b"two")
    second = of(prepared, f"init={tmp_path}")
    assert first.inputs["init"] == sha256_bytes(b"one")
    assert {part for part in first.parts if first.parts[part] != second.parts[part]} == {"init"}
    reading = set(first.inputs["code"]) - set(of(prepared).inputs["code"])
    assert {f"src/assay/model/huggingface/{name}.py" for name in ("importing", "bert", "llama")} <= reading
