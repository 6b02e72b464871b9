"""The identity of a run: everything that shapes its numbers, and nothing else."""

import os
import platform
import sysconfig
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from assay.config.schema import TRAINER_WITHOUT_EFFECT, WITHOUT_EFFECT, TrainConfig
from assay.data.mixing import chosen_shares
from assay.data.prepare import Prepared
from assay.files import canonical_json, is_folder_name, read_manifest, sha256_bytes
from assay.model.cpu_features import cpu_features, cpu_variables
from assay.model.huggingface.folder import folder_of, weights_sha256
from assay.model.schema import HuggingFaceSchema
from assay.tracking.lookup import find_checkpoint
from assay.tracking.shaping_code import shaping_code, shaping_packages
from assay.trainer.plan import Plan

COSMETIC_ROOTS = (*WITHOUT_EFFECT, "init")
IN_PLAN = ("max_steps", "max_tokens", "tokens_per_step", "accelerator", "precision", "threads", "evaluate_every_steps")
"""Trainer fields that reach the numbers through the plan, where `auto` is resolved: written out or not, they are the same run."""


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
        "environment": environment(config, plan),
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


def _shaping(config: TrainConfig) -> dict[str, Any]:
    """The config without what changes no number. Names of groups are labels; the sources of the text count through the tokens' hash."""
    plain = {key: value for key, value in asdict(config).items() if key not in COSMETIC_ROOTS}
    for values in plain.values():
        if isinstance(values, dict):
            values.pop("name", None)
    for key in (*IN_PLAN, *TRAINER_WITHOUT_EFFECT):
        plain["trainer"].pop(key)
    if isinstance(config.model, HuggingFaceSchema):
        plain["model"].pop("path")  # its files count, wherever they lie
    plain["schedule"].pop("warmup_steps")
    plain["data"] = {"context_tokens": config.data.context_tokens, **chosen_shares(config.data)}
    for made_from_text in ("cleaning", "tokenizer"):
        plain.pop(made_from_text)
    return plain


def environment(config: TrainConfig, plan: Plan) -> dict[str, Any]:
    """Return the facts of this machine that can change the last bits of a result."""
    found = {
        "python": platform.python_version(),
        "packages": package_versions((*shaping_packages(config), *(gpu_packages() if plan.accelerator == "gpu" else ()))),
        "cpu": cpu_features(),
        "cpu_variables": cpu_variables(),
        "machine": platform.machine(),
        "libc": c_library(),  # exp and log of compiled kernels are its
    }
    return {**found, "gpu": gpu_models()} if plan.accelerator == "gpu" else found


def c_library() -> str:
    """Name and release, where the system tells."""
    with suppress(OSError, ValueError, AttributeError):
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    return ""


def gpu_models() -> list[str]:
    """Return the names of the GPUs from NVIDIA's driver, and the driver's own release."""
    driver = Path("/proc/driver/nvidia")
    with suppress(OSError):
        lines = [line for path in sorted(driver.glob("gpus/*/information")) for line in path.read_text().splitlines()]
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("Model:")]
        return [*models, (driver / "version").read_text().partition("\n")[0]]
    return []


def gpu_packages() -> list[str]:
    """NVIDIA's libraries and the compiler of torch.compile, which torch's own release does not always fix."""
    names = (path.name.partition("-")[0] for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    return sorted(name for name in names if name.startswith(("nvidia_", "triton")))


def package_versions(names: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found
