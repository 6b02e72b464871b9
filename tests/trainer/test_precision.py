"""Every shipped model trains in each precision, on a CPU with bfloat16 instructions and without."""

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import Finished

from assay.config.model_rules import PLAIN
from assay.config.schema import GROUPS
from assay.model.cpu_features import cpu_has_bf16

# By its path: a folder of tests has a conftest of its own, and the one that was loaded last has the name.
_spec = importlib.util.spec_from_file_location("conftest_of_all_tests", Path(__file__).parents[1] / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
_shared = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_shared)
ONE_PROCESS, copy_project, tiny_words, write_tiny = _shared.ONE_PROCESS, _shared.copy_project, _shared.tiny_words, _shared.write_tiny

ROOT = Path(__file__).resolve().parents[2]
MODELS = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((ROOT / "conf/model").glob("*.yaml"))}
TINY: dict[str, Any] = {
    **{"n_layer": 1, "n_decoder_layer": 1, "n_head": 2, "n_kv_head": 1, "d_model": 16, "d_head": 8, "d_ff": 32},
    **{"n_positions": "null", "vocab_size": "null", "order": 2, "buckets": 50, "pretrained": "false"},
}
"""Sizes, for a model that has them."""
FORMS = {str({key: value for key, value in chosen.items() if key not in TINY}): name for name, chosen in MODELS.items()}
"""Models that differ in sizes only are one form; name of the last of each."""
FOLDERS: dict[str, dict[str, Any]] = {
    "hf": {"model_type": "gpt2", "n_layer": 1, "n_head": 2, "n_embd": 16, "n_positions": 32},
    "hf_encoder": {"model_type": "bert", "num_hidden_layers": 1, "num_attention_heads": 2, "hidden_size": 16, "intermediate_size": 32},
    "hf_seq2seq": {"model_type": "t5", "num_layers": 1, "num_heads": 2, "d_model": 16, "d_kv": 8, "d_ff": 32},
}
"""config.json of the folder that a model of transformers is read from."""
CPUS = {"with bf16": {}, "without bf16": {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}}
"""Variables that a process is started with. The first is the machine's own CPU, which may lack bf16 as well."""
Outcomes = dict[tuple[str, str], Finished]
"""Model and precision -> its training."""


def words(model: str, precision: str) -> tuple[str, ...]:
    """Two steps of two micro-batches, and an evaluation with a sample."""
    schema = next(each for each in GROUPS["model"] if each._target_ == MODELS[model]["_target_"])
    objective = next(each for each in GROUPS["objective"] if each.PREDICTS == schema.PREDICTS)
    optimizer = getattr(objective, "OPTIMIZER", None)
    sizes = {f"model.{each.name}": str(TINY[each.name]) for each in fields(schema) if each.name in TINY}
    changes = {"model.d_model": None, **sizes, "model": model, "objective": objective._target_.split(".")[-2]}
    if "hf" in model:
        changes["model.path"] = f"folders/{model}"
    if optimizer:
        changes |= {"optimizer": PLAIN[optimizer], "objective.min_count": "1"}
    steps = {"trainer.max_steps": "2", "trainer.evaluate_every_steps": "2", "schedule.warmup_steps": "0", "evaluation.sample_tokens": "2"}
    return tiny_words({**changes, **steps, "trainer.precision": precision, "tracking.run_name": f"{model}_{precision}"})


@pytest.fixture(scope="module", params=CPUS)
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """All trainings, by one process with the variables of a CPU."""
    project = copy_project(tmp_path_factory.mktemp("precision") / "project")
    write_tiny(project)
    for name, config in FOLDERS.items():
        (project / "folders" / name).mkdir(parents=True)
        (project / "folders" / name / "config.json").write_text(json.dumps(config))
    asked = [(model, precision) for model in FORMS.values() for precision in ("fp32", "bf16")]
    done = subprocess.run(
        [sys.executable, "-c", ONE_PROCESS],
        cwd=project,
        env={**os.environ, **CPUS[request.param]},
        input=json.dumps([words(*each) for each in asked]).encode(),
        capture_output=True,
        check=True,
    )
    return dict(zip(asked, (Finished(*outcome, cpu_seconds=0) for outcome in json.loads(done.stdout)), strict=True))


def test_every_model_takes_two_steps_in_each_precision_or_is_refused_at_once(outcomes: Outcomes) -> None:
    """Refused: bf16 for vectors of words, which a kernel in float32 trains."""
    refused = {(model, "bf16") for model, _ in outcomes if model.startswith(("fasttext", "glove", "word2vec"))}
    codes = {asked: done.returncode for asked, done in outcomes.items()}
    assert codes == {asked: 2 if asked in refused else 0 for asked in outcomes}, [done.stderr for done in outcomes.values() if done.stderr]
    assert all("float32; leave it out" in outcomes[asked].stderr for asked in refused)


def test_recurrent_cells_are_in_float32_where_the_cpu_has_no_bf16_and_the_run_says_so(
    outcomes: Outcomes, request: pytest.FixtureRequest
) -> None:
    lacking = "without" in request.node.name or not cpu_has_bf16()
    for model, precision in outcomes:
        said = "recurrent cells in fp32" in outcomes[model, precision].stdout.split("\nstep 1 ")[0]
        assert said == (lacking and precision == "bf16" and MODELS[model]["_target_"].startswith("assay.model.recurrent"))
