"""What makes two runs the same experiment: everything that shapes the numbers, and nothing else."""

import platform
import re
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from assay.closure import closure
from assay.config.schema import TrainConfig
from assay.data.mixing import chosen_shares
from assay.data.prepare import Prepared
from assay.files import canonical_json, read_manifest, sha256_bytes
from assay.model.huggingface.folder import folder_of, is_folder_name, weights_sha256
from assay.model.schema import HuggingFaceSchema
from assay.tracking.lookup import find_checkpoint
from assay.trainer.plan import Plan, cpu_features

COSMETIC_ROOTS = ("engine", "tracking", "dry_run", "rerun", "resume", "prepare", "export", "init")
IN_PLAN = ("max_steps", "max_tokens", "tokens_per_step", "accelerator", "precision", "threads", "evaluate_every_steps")
"""Trainer fields that reach the numbers through the plan, where `auto` is resolved: written out or not, they are the same run."""
NUMERIC_PACKAGES = ("torch", "pytorch-lightning", "numpy", "tokenizers", "safetensors")
SHAPING_CODE = re.compile(
    r"src/assay/((model|objective|optimizer|schedule|evaluation)/.*|trainer/(average|fit|record|plan|position|saving)|data/(datamodule|mixing|order|tokens))\.py"
)
"""Project files whose code reaches a number of the run. What made the data counts through the data's own hashes."""

IMPORTING_CODE = "src/assay/model/huggingface/"
"""Reaches the numbers only of a run of a folder of transformers: its weights, or its model."""


@dataclass(frozen=True)
class Identity:
    """`inputs` are all values that can differ, by part; `parts` a hash of each; `sha256` is over those."""

    sha256: str
    parts: dict[str, str]
    inputs: dict[str, Any] = field(default_factory=dict, compare=False)


def identify(config: TrainConfig, plan: Plan, prepared: Prepared) -> Identity:
    """The identity of a run of this config on these data, with this code, on this machine."""
    versions = prepared.versions()
    inputs = {
        "config": _shaping(config),
        "plan": asdict(plan),
        "tokens": versions["tokens"],
        "tokenizer": versions["tokenizer"],
        "code": shaping_code(config),
        "environment": environment(config),
    }
    if config.init is not None:
        inputs["init"] = _initial_weights(config.init)
    parts = {name: value if isinstance(value, str) else sha256_bytes(canonical_json(value)) for name, value in inputs.items()}
    return of_parts(parts, inputs)


def _initial_weights(init: str) -> str:
    if is_folder_name(init):
        return weights_sha256(folder_of(init))
    sha256: str = read_manifest(find_checkpoint(init)[1])["files"]["weights.safetensors"]["sha256"]
    return sha256


def of_parts(parts: dict[str, str], inputs: dict[str, Any]) -> Identity:
    return Identity(sha256_bytes(canonical_json(parts)), parts, inputs)


def shaping_code(config: TrainConfig) -> dict[str, str]:
    """File -> hash of its syntax tree, for the classes this config builds and all they import. Schemas count through the config's values."""
    built = (config.model, config.objective, config.optimizer, config.schedule, config.data)
    modules = [str(group._target_).rpartition(".")[0] for group in built]
    from_folder = isinstance(config.model, HuggingFaceSchema) or (config.init is not None and is_folder_name(config.init))
    return {
        path: sha256
        for path, sha256 in closure(["assay.trainer.fit", *modules]).items()
        if SHAPING_CODE.fullmatch(path) and not path.endswith("/schema.py") and (from_folder or not path.startswith(IMPORTING_CODE))
    }


def _shaping(config: TrainConfig) -> dict[str, Any]:
    """The config without what changes no number. Names of groups are labels; the sources of the text count through the tokens' hash."""
    plain = {key: value for key, value in asdict(config).items() if key not in COSMETIC_ROOTS}
    for values in plain.values():
        if isinstance(values, dict):
            values.pop("name", None)
    for key in (*IN_PLAN, "print_every_steps", "checkpoint_every_steps", "loader_workers"):
        plain["trainer"].pop(key)
    if isinstance(config.model, HuggingFaceSchema):
        plain["model"].pop("path")  # its files count, wherever they lie
    plain["schedule"].pop("warmup_steps")
    plain["data"] = {"context_tokens": config.data.context_tokens, **chosen_shares(config.data)}
    for made_from_text in ("cleaning", "tokenizer"):
        plain.pop(made_from_text)
    return plain


def environment(config: TrainConfig) -> dict[str, Any]:
    """What of this machine reaches the last bits of a result."""
    packages = (*NUMERIC_PACKAGES, "transformers") if isinstance(config.model, HuggingFaceSchema) else NUMERIC_PACKAGES
    return {
        "python": platform.python_version(),
        "packages": package_versions(packages),
        "cpu": cpu_features(),
        "machine": platform.machine(),
    }


def package_versions(names: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found
