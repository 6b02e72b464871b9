"""A model that transformers saved, as a choice of conf/model/."""

import re
from importlib.util import find_spec
from pathlib import Path

import yaml

from assay.config.build import build
from assay.errors import ConfigError
from assay.files import ROOT, write_atomic
from assay.inference.schema import ImportConfig
from assay.model.huggingface.folder import folder_of
from assay.model.huggingface.importing import form_of, load_folder
from assay.model.huggingface.parity import measure
from assay.model.schema import EncoderSchema

CONF = ROOT / "conf/model"


def import_model(words: str, config: ImportConfig) -> str:
    """Write conf/model/NAME.yaml and return what to type next. The weights stay where they are and are read once, to see that they fit."""
    folder = folder_of(words)
    name = config.name or re.sub(r"[^a-z0-9]+", "_", folder.name.lower()).strip("_")
    form = form_of(folder)
    model = build(form, "model", vocab_size=2, context_tokens=2)
    missing = load_folder(folder, model)
    head = not missing
    said = [f"{words}: {model.count_parameters():,} parameters" + ("" if head else ", without an output layer: it will begin untrained")]
    if find_spec("transformers") is None:
        said.append("not compared with transformers, of the extra [hf], which is not installed")
    else:
        parity = measure(folder, model, head)
        said.append(f"{parity['compared']} differ by {parity['largest_difference']:.1e} at most from those of transformers")
    values = {key: value for key, value in form.__dict__.items() if value is not None and key not in ("name", "dropout", "vocab_size")}
    if (rows := model.vocab_size) > _ids(folder / "tokenizer.json") + isinstance(form, EncoderSchema):
        values["vocab_size"] = rows
    text = f"# The form of the weights in {words}.\n" + yaml.safe_dump(values, sort_keys=False)
    path = CONF / f"{name}.yaml"
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise ConfigError(f"conf/model/{name}.yaml is there already and says something else.\n  Give another name: name=NAME")
    write_atomic(path, text.encode())
    objective = " objective=masked_lm" if isinstance(form, EncoderSchema) else ""
    said.append(f"conf/model/{name}.yaml is written. To train from these weights:")
    said.append(f"  python src/train.py model={name}{objective} tokenizer=pretrained tokenizer.path={words} init={words}")
    return "\n".join(said)


def _ids(file: Path) -> int:
    """How many ids its texts are made of, the end of a document included, which is added where it is missing."""
    from assay.tokenizer.pretrained import Pretrained
    from assay.tokenizer.schema import PretrainedSchema

    return int(Pretrained(PretrainedSchema(path=str(file.parent))).learn(iter(())).get_vocab_size())
