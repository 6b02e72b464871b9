"""Checkpoints as folders: safetensors for tensors, JSON for the rest, a manifest with every file's sha256. Nothing is pickled."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from assay.errors import DataError
from assay.files import draft_folder, verify_manifest, write_manifest

FORMAT = 1
WEIGHTS = "weights.safetensors"
TRAINING_WEIGHTS = "training_weights.safetensors"
"""Beside WEIGHTS where those are an average: what the optimizer goes on with, and nobody else."""
OPTIMIZER = "optimizer.safetensors"
STATE = "state.json"


def name_of(step: int) -> str:
    """Without `=`, which Hydra's command line can't take; with zeros, so that names sort as steps do."""
    return f"step_{step:09d}"


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """The model's tensors by name, each once: shared ones are kept under their first name."""
    kept: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, tensor in model.state_dict().items():
        if tensor.data_ptr() in seen and tensor.numel():
            continue
        seen.add(tensor.data_ptr())
        kept[name] = tensor.detach().cpu().contiguous()
    return kept


def save_checkpoint(
    folder: Path,
    step: int,
    model: nn.Module,
    optimizer: torch.optim.Optimizer | None,
    state: dict[str, Any],
    average: Mapping[str, Tensor] = MappingProxyType({}),
) -> str:
    """Write `folder`/step_N. Returns the sha256 of its weights file. `average`: of the parameters, to be kept as the weights."""
    final = folder / name_of(step)
    with draft_folder(final) as draft:
        weights = weights_of(model)
        save_file({**weights, **{name: tensor.cpu() for name, tensor in average.items()}}, draft / WEIGHTS)
        if average:
            save_file(weights, draft / TRAINING_WEIGHTS)
        if optimizer is not None:
            tensors, plain = _split(optimizer.state_dict())
            save_file(tensors, draft / OPTIMIZER)
            state = {**state, "optimizer": plain}
        (draft / STATE).write_text(json.dumps({**state, "step": step}, allow_nan=False, sort_keys=True), encoding="utf-8")
        manifest = write_manifest(draft, format=FORMAT, step=step)
    sha256: str = manifest["files"][WEIGHTS]["sha256"]
    return sha256


def _split(state: dict[str, Any]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """An optimizer's state as named tensors and as plain values."""
    tensors = {
        f"{index}.{name}": value.detach().cpu().contiguous()
        for index, entries in state["state"].items()
        for name, value in entries.items()
        if isinstance(value, Tensor)
    }
    return tensors, {"param_groups": state["param_groups"]}


def load_optimizer(checkpoint: Path, optimizer: torch.optim.Optimizer) -> None:
    """Put a verified checkpoint's state into an optimizer of the same parameters."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in load_file(checkpoint / OPTIMIZER).items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = tensor
    groups = read_state(checkpoint)["optimizer"]["param_groups"]
    mine = [len(group["params"]) for group in optimizer.param_groups]
    if [len(group["params"]) for group in groups] != mine:
        raise DataError(f"{checkpoint} belongs to another optimizer: its groups do not hold {mine} parameters.")
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def read_state(checkpoint: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((checkpoint / STATE).read_bytes())
    return found


def keep_newest_and_best(folder: Path, best_step: int | None, keep: int = 2) -> None:
    """Delete all checkpoints but the newest `keep` and the best."""
    for step in steps_in(folder)[:-keep]:
        if step != best_step:
            shutil.rmtree(folder / name_of(step))


def drop_after(folder: Path, step: int) -> None:
    for later in steps_in(folder):
        if later > step:
            shutil.rmtree(folder / name_of(later))


def newest_verified(folder: Path) -> tuple[Path | None, list[str]]:
    """The checkpoint with the highest step whose every byte is what was written, and what is wrong with those passed over."""
    passed: list[str] = []
    for step in reversed(steps_in(folder)):
        try:
            verify(folder / name_of(step))
        except DataError as error:
            passed.append(str(error).partition("\n")[0])
        else:
            return folder / name_of(step), passed
    return None, passed


def verify(checkpoint: Path) -> dict[str, Any]:
    """The manifest of a checkpoint that is whole. Raises DataError naming what is not."""
    manifest = verify_manifest(checkpoint, "python src/train.py rerun=true   with the settings in the config.yaml of that run")
    if manifest.get("format") != FORMAT:
        raise DataError(f"{checkpoint} has checkpoint format {manifest.get('format')}; this version reads {FORMAT}.")
    for name in (WEIGHTS, STATE):
        if name not in manifest["files"]:
            raise DataError(f"{checkpoint} has no {name}, so it is no checkpoint.")
    return manifest


def steps_in(folder: Path) -> list[int]:
    """Return the steps of the checkpoints there, whole or not, ascending."""
    names = [path.name.removeprefix("step_") for path in folder.glob("step_*")]
    return sorted(int(name) for name in names if name.isdigit())


def load_weights(checkpoint: Path, model: nn.Module, file: str = WEIGHTS) -> None:
    """Put a verified checkpoint's weights into the model. Every name, and every parameter's shape, must match."""
    verify(checkpoint)
    weights, expected = load_file(checkpoint / file), weights_of(model)
    if set(weights) != set(expected):
        raise DataError(
            f"{checkpoint} belongs to another model: one of the two has no {', '.join(sorted(set(weights) ^ set(expected))[:5])}."
        )
    for name, parameter in model.named_parameters():  # buffers, as an n-gram's tables, have the size of what was seen
        if name in weights and weights[name].shape != parameter.shape:
            found, wanted = list(weights[name].shape), list(parameter.shape)
            raise DataError(f"{checkpoint} belongs to another model: {name} has shape {found} there, {wanted} in this one.")
    model.load_state_dict(weights, strict=False)  # strict=False: the second name of a shared tensor is not in the file
