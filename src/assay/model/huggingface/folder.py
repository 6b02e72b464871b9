"""The files of a model's folder as transformers has it: config.json and safetensors. Nothing else in it is read, and no code of it runs."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.errors import ConfigError, DataError
from assay.files import canonical_json, project_path, sha256_bytes, sha256_file, shown_path

if TYPE_CHECKING:
    from torch import Tensor

CONFIG = "config.json"
GENERATION = "generation_config.json"
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"


def folder_of(words: str, setting: str = "init") -> Path:
    """A relative path begins at the project. `setting` named it. Raises ConfigError where no model lies."""
    folder = project_path(words)
    if not (folder / CONFIG).is_file():
        raise ConfigError(
            f"{words} holds no {CONFIG} (looked for {folder / CONFIG}), so it is no model's folder.\n"
            f"  {setting}=FOLDER takes the folder of a model as transformers saves it"
            + (", and init=RUN, RUN/best or RUN/step_N the weights of a run." if setting == "init" else ".")
            + f" Nothing is downloaded here; where there is a network: hf download {shown_path(folder)} --local-dir models/{folder.name}, "
            f"then {setting}=models/{folder.name}"
        )
    return folder


def read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise DataError(f"{path} holds no record, but {type(found).__name__}.")
    return found


def weight_files(folder: Path) -> list[Path]:
    """One, or those that an index names. Pickles are refused with how to convert them."""
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    if (folder / INDEX).is_file():
        named = read_json(folder / INDEX).get("weight_map")
        names = sorted(set(named.values())) if isinstance(named, dict) else []
        for name in names:
            if Path(name).name != name or not (folder / name).is_file():
                raise DataError(f"{folder / INDEX} names {name}, and there is no such file in the folder.")
        if names:
            return [folder / name for name in names]
    pickles = sorted(path.name for path in (*folder.glob("*.bin"), *folder.glob("*.pt"), *folder.glob("*.pth")))
    if pickles:
        raise DataError(
            f"{folder} has its weights in {pickles[0]}, a pickle, which may run any code when it is read; {WEIGHTS} is read here.\n"
            "  If you trust its author, convert it: python -c "
            f"\"from transformers import AutoModelForPreTraining as M; M.from_pretrained('{folder}').save_pretrained('{folder}')\""
        )
    raise DataError(f"{folder} has neither {WEIGHTS} nor {INDEX}, so it holds no weights.")


def weights_sha256(folder: Path) -> str:
    """Return the sha256 of the one file of weights; of several, that of their names and hashes."""
    hashes = {path.name: sha256_file(path) for path in weight_files(folder)}
    return hashes[WEIGHTS] if list(hashes) == [WEIGHTS] else sha256_bytes(canonical_json(hashes))


def read_tensors(folder: Path) -> "dict[str, Tensor]":
    """Read the tensors of a folder, by their names there."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    found: dict[str, Tensor] = {}
    for path in weight_files(folder):
        try:
            found |= load_file(path)
        except SafetensorError as error:
            raise DataError(f"{path} is no whole safetensors file: {error}.\n  Fetch it again.") from None
    return found
