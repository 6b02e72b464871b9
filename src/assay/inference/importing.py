"""A model that transformers saved, as a choice of conf/model/."""

import re
import shlex
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import yaml

from assay.config.build import build
from assay.config.paths import from_project
from assay.errors import ConfigError
from assay.files import ROOT, write_atomic
from assay.inference.schema import ImportConfig
from assay.model.huggingface.architecture import Form
from assay.model.huggingface.folder import folder_of
from assay.model.huggingface.importing import NOT_OF_THE_FORM, form_of, load_folder
from assay.model.huggingface.parity import LONGEST_TOKENS, measure
from assay.model.schema import EncoderDecoderSchema, EncoderSchema, XLNetSchema
from assay.objective.schema import MaskedLMSchema, PermutationLMSchema, SpanCorruptionSchema
from assay.tokenizer.pretrained import Pretrained
from assay.tokenizer.schema import PretrainedSchema
from assay.tokenizer.tokenizer import Tokenizer

CONF = ROOT / "conf/model"
OBJECTIVES = {
    EncoderSchema: ("masked_lm", MaskedLMSchema.EXTRA_TOKENS),
    EncoderDecoderSchema: ("span_corruption", SpanCorruptionSchema.EXTRA_TOKENS),
    XLNetSchema: ("permutation_lm", PermutationLMSchema.EXTRA_TOKENS),
}
"""Objectives that imported weights are trained on further, where it is not the next token, and how many ids each adds."""


def import_model(words: str, config: ImportConfig) -> str:
    """Write conf/model/NAME.yaml and return what to type next. The weights stay where they are and are read once, to see that they fit."""
    folder, words = folder_of(from_project(words)), words if "/" in words else f"./{words}"  # without a slash init= would name a run
    name = config.name or re.sub(r"[^a-z0-9]+", "_", folder.name.lower()).strip("_")
    if not name:
        raise ConfigError(f"{folder.name!r} makes no name in a-z and 0-9 for conf/model/.\n  Give one: name=NAME")
    form = form_of(folder)
    model = build(form, "model", vocab_size=2, context_tokens=LONGEST_TOKENS)
    missing = load_folder(folder, model)
    head = not missing
    said = [f"{words}: {model.count_parameters():,} parameters" + ("" if head else ", without an output layer: it will begin untrained")]
    if find_spec("transformers") is None:
        said.append("not compared with transformers, of the extra [hf], which is not installed")
    else:
        parity = measure(folder, model, head)
        said.append(f"{parity['compared']} differ by {parity['largest_difference']:.1e} at most from those of transformers")
    text = _choice(from_project(words), folder, form)
    path = CONF / f"{name}.yaml"
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise ConfigError(f"conf/model/{name}.yaml is there already and says something else.\n  Give another name: name=NAME")
    write_atomic(path, text.encode())
    objective = next((f" objective={name}" for schema, (name, _) in OBJECTIVES.items() if isinstance(form, schema)), "")
    said.append(f"conf/model/{name}.yaml is written. To train from these weights:")
    tokenizer = shlex.join(["tokenizer=pretrained", f"tokenizer.path={words}", f"init={words}"])
    said.append(f"  python src/train.py model={name}{objective} {tokenizer}")
    return "\n".join(said)


def _choice(words: str, folder: Path, form: Form) -> str:
    """Return the text of conf/model/NAME.yaml. Rows are named only where there are more than the tokenizer has ids."""
    values = {key: value for key, value in asdict(form).items() if value is not None and key not in NOT_OF_THE_FORM}
    tokenizer = Tokenizer(Pretrained(PretrainedSchema(path=str(folder))).learn(iter(())).to_str().encode())
    own = next((count for schema, (_, count) in OBJECTIVES.items() if isinstance(form, schema)), 0)
    if isinstance(form, EncoderSchema) and tokenizer.mask is not None:
        own = 0
    if form.vocab_size and form.vocab_size > tokenizer.vocab_size + own:
        values["vocab_size"] = form.vocab_size
    return f"# The form of the weights in {words}.\n" + yaml.safe_dump(values, sort_keys=False)
