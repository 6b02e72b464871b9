"""A run as a folder that others load: transformers (config.json, model.safetensors, the tokenizer's files, and the measured parity), or what
reads vectors of words in word2vec's text form."""

import json
from pathlib import Path
from typing import Any

import tokenizers
from safetensors import SafetensorError
from tokenizers import AddedToken

from assay.data.prepare import current
from assay.data.tokens import Tokens
from assay.errors import ConfigError, DataError, MachineError
from assay.evaluation.word_similarity import words_of
from assay.files import ROOT, draft_folder, project_path, readable_json, sha256_file, shown_path
from assay.inference.load import Trained, load_run
from assay.inference.schema import ExportConfig
from assay.model.checkpoint import WEIGHTS as OWN_WEIGHTS
from assay.model.checkpoint import verify
from assay.model.huggingface.library import refuse_without_transformers
from assay.model.huggingface.parity import measure, measure_texts
from assay.model.huggingface.theirs import Theirs
from assay.model.huggingface.writing import architecture_for, write_model
from assay.model.kept import kept_checkpoint
from assay.model.language_model import WordModel
from assay.model.schema import HIDDEN_TOKENS, OTHER_TEXT
from assay.objective.schema import HIDES_BY_MASK, ids_needed
from assay.replacing import refuse_another_run, refuse_to_lose
from assay.tokenizer.alphabet import END_OF_DOCUMENT, MASKS, UNKNOWN
from assay.tokenizer.tokenizer import TOKENIZER_FILE

PARITY = "parity.json"
ORIGIN, VECTORS = "run.json", "vectors.txt"
PADS = ("[PAD]", "<|pad|>", "<|padding|>")
SENTINELS = ("<extra_id_{}>", "<|span_{}|>")
"""The later ones where the tokenizer has the first already, under an id that this model was not trained with."""
TEXTS = 4
TEXT_CHARACTERS = 2_000
"""Characters of the validation split on which parity is measured."""


def export_run(run: Path, name: str, config: ExportConfig, checkpoint: Path | None = None) -> str:
    """Write the folder, and return what to say of it. Above the tolerance nothing is written (CheckFailed). `checkpoint` as in load_run."""
    checkpoint = checkpoint or kept_checkpoint(run)
    if config.format == "word2vec":
        return _export_vectors(run, checkpoint, name, config)
    refuse_without_transformers()
    target = _target(run, name, config, PARITY)
    trained = load_run(run, checkpoint)
    if isinstance(trained.model, WordModel):
        raise ConfigError(f"{name} is a table of vectors of words, which transformers has no class for.\n  Type: format=word2vec")
    if not isinstance(trained.model, Theirs):
        architecture_for(trained.config.model)
    if not config.head and trained.config.objective.PREDICTS != HIDDEN_TOKENS:
        raise ConfigError("head=false is for encoders; without its output layer a decoder predicts nothing. Leave it out.")
    with draft_folder(target) as draft:
        try:
            pad = _write_weights(draft, trained, config.head)
        except SafetensorError as error:  # a full disk is no OSError there
            raise MachineError(f"{target} can't be written: {error}.\n  Make room, then type the same command again.") from None
        write_tokenizer(draft, run / TOKENIZER_FILE, trained, pad)
        parity = measure(draft, trained.model, config.head)
        texts = validation_texts(run, trained)
        parity["real_text"] = measure_texts(draft, trained.model, trained.tokenizer, texts, config.head) if texts else None
        (draft / PARITY).write_bytes(readable_json({**parity, "run": _origin(run, checkpoint), "files": _hashes(draft)}))
    return (
        f"run {run.parent.name} ({name})\n{target}: {parity['class']}; {parity['compared']} of {parity['tokens']:,} tokens differ by "
        f"{parity['largest_difference']:.1e} at most from those of transformers {parity['versions']['transformers']}\n"
        + _said_of_texts(parity["real_text"])
    )


def _said_of_texts(found: dict[str, Any] | None) -> str:
    if found is None:
        return "not compared on real text: no validation split is here that is known to be the run's"
    return f"{found['tokens']:,} tokens of the validation split: the same ids by both tokenizers; {found['largest_difference']:.1e} at most"


def _write_weights(folder: Path, trained: Trained, head: bool) -> int | None:
    """The id of padding, where it is not the end of a document."""
    model, tokenizer = trained.model, trained.tokenizer
    if isinstance(model, Theirs):
        if not head:
            raise ConfigError("head=false is for the models of this project; transformers loads any part of its own. Leave it out.")
        model.save(folder, tokenizer.end_of_document)
        pad: int | None = model.whole().config.pad_token_id
        return pad if pad is not None and pad < tokenizer.vocab_size else None
    unused = ids_needed(trained.config.objective, tokenizer.vocab_size, tokenizer.mask)
    mask = tokenizer.vocab_size if tokenizer.mask is None else tokenizer.mask
    return unused if write_model(folder, model, tokenizer.end_of_document, head, mask, unused).pads_apart else None


def validation_texts(run: Path, trained: Trained) -> list[str]:
    """Beginnings of some documents of the run's own validation split; none where it is gone, or is another by now."""
    prepared = current(trained.config)
    began = json.loads((run / "provenance.json").read_bytes())["inputs"]["tokens"]
    if prepared is None or prepared.versions()["tokens"] != began:
        return []
    split = Tokens.open(prepared.tokens_folder).split("val")
    special = (END_OF_DOCUMENT, UNKNOWN, *MASKS)
    found, start = list[str](), 0
    for end in split.ends.tolist():
        ids = split.tokens[start : min(end - 1, start + TEXT_CHARACTERS)].tolist()
        text = trained.tokenizer.decode(ids)[:TEXT_CHARACTERS].rstrip("\ufffd")  # of a character that was cut
        if text.strip() and not any(each in text for each in special):  # a reader there would take those for control
            found.append(text)
        if len(found) == TEXTS:
            break
        start = end
    return found


def _export_vectors(run: Path, checkpoint: Path, name: str, config: ExportConfig) -> str:
    """word2vec's text form: a line of counts, then a word and its numbers a line, with blanks between; frequent words first."""
    target = _target(run, name, config, ORIGIN)
    trained = load_run(run, checkpoint)
    if not isinstance(trained.model, WordModel):
        raise ConfigError(f"format=word2vec is for vectors of words, and {name} is of {trained.config.model.name}; leave it out.")
    words, _ = words_of(trained.tokenizer.token_bytes)
    vectors = trained.model.vectors().numpy()
    rows = [row for row, word in enumerate(words) if word is not None and vectors[row].any()]
    with draft_folder(target) as draft:
        with (draft / VECTORS).open("w", encoding="utf-8", newline="\n") as file:
            file.write(f"{len(rows)} {vectors.shape[1]}\n")
            for row in rows:
                file.write(f"{words[row]} {' '.join(map(str, vectors[row]))}\n")
        (draft / ORIGIN).write_bytes(readable_json({"run": _origin(run, checkpoint), "files": _hashes(draft)}))
    return f"run {run.parent.name} ({name})\n{target}: {VECTORS}, {len(rows):,} words of {vectors.shape[1]} numbers in word2vec's text form"


def _target(run: Path, name: str, config: ExportConfig, mark: str) -> Path:
    """The folder to write. One that is there is replaced only if it is an earlier export of the same run, and holds nothing else."""
    target = project_path(config.output) if config.output else ROOT / "models" / config.format / _folder_name(name)
    if target.exists() and not (target / mark).is_file() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigError(f"{target} is there and is no earlier export: it has no {mark}.\n  Give another folder: output=FOLDER")
    if (target / mark).is_file():
        facts = json.loads((target / mark).read_bytes())
        refuse_to_lose(target, {mark, *facts.get("files", ())}, "output")
        run_id = run.parent.name
        free = target.with_name(f"{_folder_name(name)}_{run_id[:8]}")
        refuse_another_run(target, facts.get("run", facts), run_id, f"output={shown_path(free)}")
    return target


def _folder_name(run_name: str) -> str:
    """Without blanks and `=`, which a command line would need quotes for: `nano_mine_seed_2` of the run `nano_mine seed=2`."""
    return run_name.replace(" ", "_").replace("=", "_")


def _origin(run: Path, checkpoint: Path) -> dict[str, Any]:
    result = run / "result.json"
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


def write_tokenizer(folder: Path, file: Path, trained: Trained, pad: int | None = None) -> None:
    """tokenizer.json with the objective's own ids as special tokens, and the names of the special tokens."""
    inner = tokenizers.Tokenizer.from_file(str(file))
    special: dict[str, Any] = {"eos_token": END_OF_DOCUMENT, "bos_token": END_OF_DOCUMENT, "pad_token": END_OF_DOCUMENT}
    if inner.token_to_id(UNKNOWN) is not None:
        special["unk_token"] = UNKNOWN
    names = _own_names(inner, trained)
    _add(inner, names, trained.tokenizer.vocab_size, file)
    own = trained.tokenizer.mask if isinstance(trained.config.objective, HIDES_BY_MASK) else None
    if own is not None:
        special["mask_token"] = trained.tokenizer.token(own)
    elif len(names) == 1:
        special["mask_token"] = names[0]
    elif names:
        special["additional_special_tokens"] = names
    if pad is not None and inner.id_to_token(pad) is None:
        _add(inner, [next(each for each in PADS if inner.token_to_id(each) is None)], pad, file)
    if pad is not None:
        special["pad_token"] = inner.id_to_token(pad)
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
    """Return names for the ids after the tokenizer's last: [MASK], or T5's names of sentinels. None of them is a name that the tokenizer has already."""
    objective, tokenizer = trained.config.objective, trained.tokenizer
    if objective.PREDICTS not in (HIDDEN_TOKENS, OTHER_TEXT):
        return []
    count = ids_needed(objective, tokenizer.vocab_size, tokenizer.mask) - tokenizer.vocab_size
    families = [[each] for each in MASKS] if count == 1 else [[form.format(i) for i in range(count)] for form in SENTINELS]
    return next(names for names in families if all(inner.token_to_id(each) is None for each in names))


def _add(inner: tokenizers.Tokenizer, names: list[str], first: int, file: Path) -> None:
    """Add names as control tokens, with the ids from `first` on."""
    inner.add_special_tokens([AddedToken(each, special=True, normalized=False) for each in names])
    if [inner.token_to_id(each) for each in names] != list(range(first, first + len(names))):
        raise DataError(f"{file}: the id after its last is not {first}, so {names[0]} can't be given the model's.")
