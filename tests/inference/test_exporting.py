"""From a command to transformers: what was trained here predicts the same there."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer, pipeline

from assay.errors import CheckFailed, ConfigError, MachineError
from assay.evaluation.word_similarity import words_of
from assay.files import sha256_file
from assay.inference import exporting
from assay.inference.exporting import export_run
from assay.inference.load import load_run
from assay.inference.schema import ExportConfig
from assay.objective.schema import DenoisingSchema, MaskedLMSchema
from assay.tokenizer.learn import Byte
from assay.tokenizer.schema import ByteSchema
from assay.tokenizer.tokenizer import Tokenizer

PROMPT = "The old sailor"
BERT = ("model=bert_nano", "model.position=learned", "model.norm_place=after")
"""The form that transformers has a class for."""


def test_a_pipeline_of_transformers_goes_on_as_generate_does(trained: Any, run: Callable[..., Any], tmp_path: Path) -> None:
    output = tmp_path / "exported"
    done = run(trained.project, "src/export.py", "latest", "format=huggingface", f"output={output}")
    assert done.returncode == 0, done.stderr
    assert "GPT2LMHeadModel; logits of 128 tokens differ by" in done.stdout
    assert "128 tokens of the validation split: the same ids by both tokenizers" in done.stdout
    said = run(trained.project, "src/generate.py", "latest", PROMPT, "temperature=0", "max_new_tokens=12")
    writer = pipeline("text-generation", model=str(output))
    [found] = writer(PROMPT, max_new_tokens=12, do_sample=False, clean_up_tokenization_spaces=False)
    assert found["generated_text"] + "\n" == said.stdout
    parity = json.loads((output / "parity.json").read_bytes())
    assert parity["largest_difference"] <= parity["tolerance"] == 1e-4
    assert parity["real_text"]["largest_difference"] <= 1e-4
    assert parity["run"]["weights_sha256"] == trained.result["weights_sha256"]
    assert parity["run"]["run_id"] == trained.result["run_id"]
    assert parity["files"]["model.safetensors"] == sha256_file(output / "model.safetensors")


def test_the_modern_form_goes_out_with_its_tokenizer(several: dict[str, Any], tmp_path: Path) -> None:
    trained = load_run(several["modern"].folder)
    export_run(several["modern"].folder, "modern", ExportConfig(output=str(tmp_path / "out")))
    theirs, tokenizer = AutoModelForCausalLM.from_pretrained(tmp_path / "out"), AutoTokenizer.from_pretrained(tmp_path / "out")
    ids = tokenizer(PROMPT)["input_ids"]
    assert (ids, tokenizer.decode(ids)) == (trained.tokenizer.encode(PROMPT), PROMPT)
    assert tokenizer.eos_token_id == theirs.config.eos_token_id == trained.tokenizer.end_of_document
    with torch.inference_mode():
        torch.testing.assert_close(theirs(torch.tensor([ids])).logits, trained.model(torch.tensor([ids])), atol=1e-4, rtol=0)


def test_nothing_is_left_where_transformers_computes_something_else(
    several: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = exporting.write_model

    def wrong(folder: Path, model: Any, *rest: Any) -> Any:
        with torch.no_grad():
            model.norm.weight[0] += 0.1
        written = true(folder, model, *rest)
        with torch.no_grad():
            model.norm.weight[0] -= 0.1
        return written

    monkeypatch.setattr(exporting, "write_model", wrong)
    with pytest.raises(CheckFailed, match="differ by"):
        export_run(several["same"].folder, "same", ExportConfig(output=str(tmp_path / "out")))
    assert not list(tmp_path.iterdir())


def test_another_tokenizer_in_the_folder_is_seen_on_real_text(
    several: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = exporting.write_tokenizer

    def wrong(folder: Path, *rest: Any) -> None:
        true(folder, *rest)
        content = json.loads((folder / "tokenizer.json").read_bytes())
        content["normalizer"] = {"type": "Lowercase"}
        (folder / "tokenizer.json").write_text(json.dumps(content))

    monkeypatch.setattr(exporting, "write_tokenizer", wrong)
    monkeypatch.setattr(exporting, "validation_texts", lambda run, trained: ["A text."])
    with pytest.raises(CheckFailed, match=r"the tokenizers differ from token 0 of 'A text\.' on: \[65, 32, 116\] here, \[97, 32, 116\]"):
        export_run(several["same"].folder, "same", ExportConfig(output=str(tmp_path / "out")))
    assert not list(tmp_path.iterdir())


def test_without_its_validation_split_a_run_goes_out_all_the_same(several: dict[str, Any], tmp_path: Path) -> None:
    """The runs of `several` lie in another project than this one, which has none of their data."""
    said = export_run(several["same"].folder, "same", ExportConfig(output=str(tmp_path / "out")))
    assert "not compared on real text" in said
    assert json.loads((tmp_path / "out/parity.json").read_bytes())["real_text"] is None


@pytest.mark.slow
def test_the_shipped_encoder_fills_masks_there_and_its_own_mask_serves_again(
    project: Callable[..., Path], run: Callable[..., Any], tiny_text: Callable[[Path], Path]
) -> None:
    """Padded in a batch, too; and trained on by transformers' own class, whose vocabulary has [MASK] already."""
    folder = project()
    tiny_text(folder)
    small = ("data=tiny", "trainer=smoke", "trainer.max_steps=2", "trainer.tokens_per_step=128", "trainer.sequences_per_microbatch=2")
    place = "models/huggingface/masked"
    for words in (
        (
            "src/train.py",
            *small,
            "model=bert_nano",
            "model.d_model=32",
            "tokenizer=bpe",
            "tokenizer.vocab_size=300",
            "tracking.run_name=masked",
        ),
        (
            "src/train.py",
            *small,
            "model=hf_encoder",
            f"model.path={place}",
            "tokenizer=pretrained",
            f"tokenizer.path={place}",
            "tracking.run_name=again",
        ),
    ):
        done = run(folder, *words, "objective=masked_lm")
        assert done.returncode == 0, done.stderr
        name = words[-1].partition("=")[2]
        done = run(folder, "src/export.py", name)
        assert "EsmForMaskedLM; logits of" in done.stdout, done.stderr
        assert "tokens of the validation split: the same ids" in done.stdout
        filler = pipeline("fill-mask", model=str(folder / "models/huggingface" / name))
        ids = (filler.tokenizer.mask_token_id, filler.tokenizer.pad_token_id, filler.model.config.vocab_size)
        assert ids == (300, 301, 302)
        alone = filler("The [MASK] sailor carried two letters")
        both = filler(["The [MASK] sailor carried two letters", "[MASK]"], batch_size=2)
        assert [each["token"] for each in both[0]] == [each["token"] for each in alone]


@pytest.mark.parametrize("objective", [MaskedLMSchema(), DenoisingSchema()])
@pytest.mark.parametrize("own", [None, "<mask>"])
def test_a_hidden_token_has_one_name_there_the_vocabularys_own_if_it_has_one(objective: Any, own: str | None, tmp_path: Path) -> None:
    learned = Byte(ByteSchema()).learn(iter(()))
    if own:
        learned.add_special_tokens([own])
    learned.save(str(tmp_path / "learned.json"))
    tokenizer = Tokenizer.from_file(tmp_path / "learned.json")
    trained: Any = SimpleNamespace(
        tokenizer=tokenizer, config=SimpleNamespace(objective=objective), model=SimpleNamespace(context_tokens=8)
    )
    exporting.write_tokenizer(tmp_path, tmp_path / "learned.json", trained)
    theirs = AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
    assert (theirs.mask_token, theirs.mask_token_id, len(theirs)) == (own or "[MASK]", 257, 258)


def test_a_full_disk_is_told_and_leaves_nothing(several: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr("assay.model.huggingface.writing.save_file", full)
    with pytest.raises(MachineError, match=r"out can't be written: I/O error: No space left.*\n  Make room"):
        export_run(several["same"].folder, "same", ExportConfig(output=str(tmp_path / "out")))
    assert not list(tmp_path.glob("*out*"))


def test_the_default_folder_is_named_after_the_run_so_that_no_command_needs_quotes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "ROOT", tmp_path)
    found = exporting._target(tmp_path, "nano_mine seed=2", ExportConfig(), exporting.PARITY)
    assert found == tmp_path / "models/huggingface/nano_mine_seed_2"


def test_an_earlier_export_is_replaced_and_nothing_else(several: dict[str, Any], tmp_path: Path) -> None:
    config = ExportConfig(output=str(tmp_path / "out"))
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.tex").touch()
    with pytest.raises(ConfigError, match="no earlier export"):
        export_run(several["same"].folder, "same", config)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.tex"]
    shutil.rmtree(tmp_path / "out")
    export_run(several["same"].folder, "same", config)
    said = export_run(several["same"].folder, "same", config)
    assert said.startswith(f"run {several['same'].folder.parent.name} (same)\n")
    modern = several["modern"].folder.parent.name
    assert (tmp_path / "out/model.safetensors").stat().st_mode == (tmp_path / "out/config.json").stat().st_mode
    with pytest.raises(ConfigError, match=rf"holds the export of another run, .*\n  Type: output=.*/modern_{modern[:8]}, or"):
        export_run(several["modern"].folder, "modern", config)
    (tmp_path / "out/README.md").touch()
    with pytest.raises(ConfigError, match=r"README\.md in it, .* would be lost"):
        export_run(several["same"].folder, "same", config)
    assert (tmp_path / "out/README.md").exists()


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("counting", {}, "Ngram"),
        ("same", {"head": False}, "head=false is for encoders"),
        ("words", {}, r"transformers has no class for.*\n.*format=word2vec"),
        ("same", {"format": "word2vec"}, "format=word2vec is for vectors of words"),
    ],
)
def test_what_has_no_form_there_is_refused(name: str, settings: Any, says: str, several: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=says):
        export_run(several[name].folder, name, ExportConfig(output=str(tmp_path / "out"), **settings))
    assert not list(tmp_path.iterdir())


def test_vectors_of_words_go_out_in_the_text_form_of_word2vec(several: dict[str, Any], tmp_path: Path) -> None:
    """As gensim's KeyedVectors.load_word2vec_format reads it: counts, then a word and its numbers a line, between single blanks."""
    said = export_run(several["words"].folder, "words", ExportConfig(format="word2vec", output=str(tmp_path / "out")))
    trained = load_run(several["words"].folder)
    head, *lines = (tmp_path / "out/vectors.txt").read_text(encoding="utf-8").splitlines()
    found = {line.split(" ")[0]: [float(number) for number in line.split(" ")[1:]] for line in lines}
    assert head == f"{len(found)} 8"
    assert len(found) == len(lines) > 20
    assert f"{len(found)} words of 8 numbers" in said
    words, row_of = words_of(trained.tokenizer.token_bytes)
    [sailor] = trained.tokenizer.encode(" sailor")
    assert words[row_of[sailor]] == "sailor"
    torch.testing.assert_close(torch.tensor(found["sailor"]), trained.model.vectors()[row_of[sailor]], rtol=0, atol=0)  # type: ignore[operator]
    origin = json.loads((tmp_path / "out/run.json").read_bytes())
    assert origin["files"] == {"vectors.txt": sha256_file(tmp_path / "out/vectors.txt")}
    assert origin["run"]["weights_sha256"] == several["words"].result["weights_sha256"]


@pytest.mark.slow
def test_a_masked_model_fills_masks_there_and_begins_a_run_here(
    project: Callable[..., Path], run: Callable[..., Any], tiny_text: Callable[[Path], Path]
) -> None:
    """Out, in again as a model and a tokenizer of conf/, trained on, and out once more."""
    folder = project()
    tiny_text(folder)
    small = ("data=tiny", "trainer=smoke", "trainer.max_steps=2", "trainer.tokens_per_step=128", "trainer.sequences_per_microbatch=2")
    first = (*BERT, "model.d_model=32", "tokenizer=wordpiece", "tokenizer.vocab_size=200", "tracking.run_name=masked")
    steps: list[tuple[str, ...]] = [
        ("src/train.py", *small, *first, "objective=masked_lm"),
        ("src/export.py", "masked"),
        ("src/import_model.py", "models/huggingface/masked"),
        (
            *("src/train.py", *small, "model=masked", "objective=masked_lm", "tokenizer=pretrained", "tracking.run_name=again"),
            *("tokenizer.path=models/huggingface/masked", "init=models/huggingface/masked"),
        ),
        ("src/export.py", "again", "head=false"),
    ]
    for words in steps:
        done = run(folder, *words)
        assert done.returncode == 0, f"{words}\n{done.stderr}"
    assert "BertModel; hidden states of 128 tokens differ by" in done.stdout
    filler = pipeline("fill-mask", model=str(folder / "models/huggingface/masked"))
    assert (filler.tokenizer.mask_token, filler.tokenizer.mask_token_id) == ("[MASK]", 201 - 1)
    assert len(filler("The old [MASK] carried two letters")) == 5
    again = next(
        path for path in folder.glob("mlruns/*/*/artifacts") if '"again"' in (path / "journal.jsonl").read_text().partition("\n")[0]
    )
    inputs = json.loads((again / "provenance.json").read_bytes())["inputs"]
    assert inputs["init"] == sha256_file(folder / "models/huggingface/masked/model.safetensors")
    assert "src/assay/model/huggingface/bert.py" in inputs["code"]


@pytest.mark.slow
def test_a_t5_writes_there_and_begins_a_run_here(
    project: Callable[..., Path], run: Callable[..., Any], tiny_text: Callable[[Path], Path]
) -> None:
    """Out, in again as a model and a tokenizer of conf/, trained on, and out once more."""
    folder = project()
    tiny_text(folder)
    small = ("data=tiny", "trainer=smoke", "trainer.max_steps=2", "trainer.tokens_per_step=128", "trainer.sequences_per_microbatch=2")
    first = ("model=t5_nano", "model.d_model=32", "tokenizer.vocab_size=300", "tracking.run_name=spans", "data.context_tokens=64")
    steps: list[tuple[str, ...]] = [
        ("src/train.py", *small, *first, "objective=span_corruption"),
        ("src/export.py", "spans"),
        ("src/generate.py", "spans", "The old [MASK] carried two letters", "max_new_tokens=5"),
        ("src/import_model.py", "models/huggingface/spans"),
        (
            *("src/train.py", *small, "model=spans", "objective=denoising", "tokenizer=pretrained", "tracking.run_name=again"),
            *("tokenizer.path=models/huggingface/spans", "init=models/huggingface/spans", "data.context_tokens=64"),
        ),
        ("src/export.py", "again"),
    ]
    said = []
    for words in steps:
        done = run(folder, *words)
        assert done.returncode == 0, f"{words}\n{done.stderr}"
        said.append(done.stdout)
    assert "T5ForConditionalGeneration; logits of 256 tokens differ by" in said[1]
    assert said[2].startswith("The old ")
    assert "model=spans objective=span_corruption tokenizer=pretrained" in said[3]
    tokenizer = AutoTokenizer.from_pretrained(folder / "models/huggingface/spans", local_files_only=True)
    assert tokenizer.convert_tokens_to_ids(["<extra_id_0>", "<extra_id_99>"]) == [300, 399]
    theirs = AutoModelForSeq2SeqLM.from_pretrained(folder / "models/huggingface/spans", local_files_only=True)
    asked = tokenizer("The old <extra_id_0> carried two letters", return_tensors="pt")
    assert 300 in asked["input_ids"][0]
    assert theirs.generate(asked["input_ids"], max_new_tokens=5).shape[0] == 1


@pytest.mark.slow
def test_an_xlnet_goes_out_and_begins_a_run_here(
    project: Callable[..., Path], run: Callable[..., Any], tiny_text: Callable[[Path], Path]
) -> None:
    """Out, in again as a model and a tokenizer of conf/, trained on, and out once more; the shipped form has its norms elsewhere."""
    folder = project()
    tiny_text(folder)
    small = ("data=tiny", "trainer=smoke", "trainer.max_steps=2", "trainer.tokens_per_step=128", "trainer.sequences_per_microbatch=2")
    first = ("model=xlnet_nano", "model.d_model=32", "tokenizer.vocab_size=300")
    place = "models/huggingface/two"
    steps: list[tuple[tuple[str, ...], int, str]] = [
        (("src/train.py", *small, *first, "objective=permutation_lm", "model.norm_place=after", "tracking.run_name=two"), 0, "finished"),
        (("src/export.py", "two"), 0, "XLNetLMHeadModel; logits of 128 tokens differ by"),
        (("src/import_model.py", place), 0, "model=two objective=permutation_lm tokenizer=pretrained"),
        (
            (
                *("src/train.py", *small, "model=two", "objective=permutation_lm", "tokenizer=pretrained", f"tokenizer.path={place}"),
                *(f"init={place}", "tracking.run_name=again"),
            ),
            0,
            "finished",
        ),
        (("src/export.py", "again"), 0, "tokens of the validation split: the same ids by both tokenizers"),
        (("src/train.py", *small, *first, "objective=permutation_lm", "tracking.run_name=shipped"), 0, "finished"),
        (("src/export.py", "shipped"), 2, "not xlnet: norm_place=before"),
    ]
    for words, code, said in steps:
        done = run(folder, *words)
        assert (done.returncode, said in done.stdout + done.stderr) == (code, True), f"{words}\n{done.stdout}\n{done.stderr}"
