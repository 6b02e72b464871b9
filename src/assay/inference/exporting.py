"""A run as a folder that transformers loads: config.json, model.safetensors, the tokenizer's files, and the measured parity."""

import json
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import AddedToken

from assay.errors import ConfigError, DataError
from assay.files import ROOT, draft_folder, readable_json, sha256_file
from assay.inference.load import Trained, load_run
from assay.inference.schema import ExportConfig
from assay.model.checkpoint import WEIGHTS as OWN_WEIGHTS
from assay.model.checkpoint import newest, verify
from assay.model.huggingface.parity import measure, refuse_without_transformers
from assay.model.huggingface.writing import architecture_for, write_model
from assay.model.schema import HIDDEN_TOKENS, OTHER_TEXT
from assay.tokenizer.alphabet import END_OF_DOCUMENT, UNKNOWN
from assay.tokenizer.tokenizer import TOKENIZER_FILE

PARITY = "parity.json"
MASK_NAMES = ("[MASK]", "<|mask|>")
SENTINEL_NAMES = ("<extra_id_{}>", "<|span_{}|>")
"""The second where the tokenizer has the first already, under an id that this model was not trained with."""


def export_run(run: Path, name: str, config: ExportConfig) -> str:
    """Write the folder, and return what to say of it. Above the tolerance nothing is written (CheckFailed)."""
    refuse_without_transformers()
    target = _target(name, config.output)
    trained = load_run(run)
    architecture_for(trained.config.model)
    if not config.head and trained.config.objective.PREDICTS != HIDDEN_TOKENS:
        raise ConfigError("head=false is for encoders; without its output layer a decoder predicts nothing. Leave it out.")
    with draft_folder(target) as draft:
        write_model(draft, trained.model, trained.tokenizer.end_of_document, config.head)
        write_tokenizer(draft, run / TOKENIZER_FILE, trained)
        parity = measure(draft, trained.model, config.head)
        (draft / PARITY).write_bytes(readable_json({**parity, "run": _origin(run), "files": _hashes(draft)}))
    return (
        f"{target}: {parity['class']}; {parity['compared']} of {parity['tokens']:,} tokens differ by "
        f"{parity['largest_difference']:.1e} at most from those of transformers {parity['versions']['transformers']}"
    )


def _target(name: str, output: str | None) -> Path:
    """A folder that is there is replaced only if it is an earlier export."""
    target = ROOT / (Path(output).expanduser() if output else Path("models/huggingface") / name)
    if target.exists() and not (target / PARITY).is_file() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigError(f"{target} is there and is no earlier export: it has no {PARITY}.\n  Give another folder: output=FOLDER")
    return target


def _origin(run: Path) -> dict[str, Any]:
    result = run / "result.json"
    checkpoint = newest(run / "checkpoints")
    facts = json.loads((run / "journal.jsonl").read_bytes().splitlines()[0])
    return {
        "run_id": facts["run_id"],
        "name": facts["name"],
        "finished": result.is_file(),
        "checkpoint": checkpoint.name,
        "weights_sha256": verify(checkpoint)["files"][OWN_WEIGHTS]["sha256"],
    }


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: sha256_file(path) for path in sorted(folder.iterdir())}


def write_tokenizer(folder: Path, file: Path, trained: Trained) -> None:
    """tokenizer.json with the objective's own ids as special tokens, and the names of the special tokens."""
    inner = tokenizers.Tokenizer.from_file(str(file))
    special: dict[str, Any] = {"eos_token": END_OF_DOCUMENT, "bos_token": END_OF_DOCUMENT, "pad_token": END_OF_DOCUMENT}
    if inner.token_to_id(UNKNOWN) is not None:
        special["unk_token"] = UNKNOWN
    names = _own_names(inner, trained)
    if names:
        inner.add_special_tokens([AddedToken(each, special=True, normalized=False) for each in names])
        if [inner.token_to_id(each) for each in names] != list(
            range(trained.tokenizer.vocab_size, trained.tokenizer.vocab_size + len(names))
        ):
            raise DataError(
                f"{file}: the id after its last is not {trained.tokenizer.vocab_size}, so {names[0]} can't be given the model's."
            )
    if len(names) == 1:
        special["mask_token"] = names[0]
    elif names:
        special["additional_special_tokens"] = names
    inner.save(str(folder / TOKENIZER_FILE))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        **special,
        "model_max_length": trained.model.context_tokens,
        "clean_up_tokenization_spaces": False,
        "model_input_names": ["input_ids", "attention_mask"],
    }
    (folder / "tokenizer_config.json").write_bytes(readable_json(settings))


def _own_names(inner: tokenizers.Tokenizer, trained: Trained) -> list[str]:
    """Of the ids after the tokenizer's last: [MASK], or T5's names of sentinels. None of them is a name that the tokenizer has already."""
    if trained.config.objective.PREDICTS not in (HIDDEN_TOKENS, OTHER_TEXT):
        return []
    count = trained.config.objective.EXTRA_TOKENS
    families = [[each] for each in MASK_NAMES] if count == 1 else [[form.format(i) for i in range(count)] for form in SENTINEL_NAMES]
    return next(names for names in families if all(inner.token_to_id(each) is None for each in names))
