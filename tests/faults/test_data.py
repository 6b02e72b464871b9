"""Documents, archives and stored data that are broken or hostile, as the data commands and a training meet them."""

import gzip
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import time
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest
import yaml
from warm import WARM

Run = Callable[..., Any]
Project = Callable[..., Path]
PROSE = [f"Sentence number {number} says something that no other one says.\n" for number in range(40)]


def corpus(project: Path, name: str = "hostile", **source: Any) -> Path:
    """Declare data=NAME on a folder of the project, and return the folder."""
    folder = project / f"{name}_text"
    folder.mkdir(exist_ok=True)
    sources = [{"folder": folder.name, **source}]
    data = {"language": "en", "licence": "none", "validation_fraction": 0.2, "test_fraction": 0.2, "workers": 1, "sources": sources}
    (project / f"conf/data/{name}.yaml").write_text(yaml.safe_dump(data))
    return folder


def card_of(project: Path, name: str = "hostile") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project / f"data/clean/{name}/card.json").read_bytes())
    return found


def texts_of(project: Path, name: str = "hostile") -> list[str]:
    splits = (parquet.read_table(project / f"data/clean/{name}/{split}.parquet") for split in ("train", "val", "test"))
    return [text for split in splits for text in split.column("text").to_pylist()]


def adds_up(card: dict[str, Any]) -> bool:
    counts = [(card["documents"], card["dropped_by_reason"]), *((each["documents"], each["dropped_by_reason"]) for each in card["sources"])]
    return all(found["read"] == found["kept"] + found["dropped"] and found["dropped"] == sum(why.values()) for found, why in counts)


def refused(done: Any, project: Path, name: str = "hostile") -> str:
    """One message, exit 3, and nothing under the final name or beside it."""
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("error: ") == 1
    assert not list(project.glob(f"data/*/{name}*/manifest.json"))
    assert not list(project.glob("data/clean/*"))
    return str(done.stderr)


# --- D2: dvc.lock ---


def cut_inside(content: str) -> str:
    return content[: content.index("md5: ", len(content) // 2) + 9]


def without_a_stage(content: str) -> str:
    lock = yaml.safe_load(content)
    del lock["stages"]["tokens@shakespeare"]
    return yaml.safe_dump(lock)


SPOILT_LOCKS: dict[str, tuple[Callable[[str], str], str]] = {
    "emptied": (lambda content: "", "is damaged: it is empty, or was cut"),
    "cut": (cut_inside, "is damaged"),
    "one stage lost": (without_a_stage, "has lost 1 stages that the last commit has: tokens@shakespeare"),
    "conflict": (lambda content: f"<<<<<<< HEAD\n{content}=======\n{content}>>>>>>> other\n", "marks of a merge"),
}


@pytest.mark.fault("D2", inject="dvc.lock emptied, cut inside a stage, without one of its stages, with the marks of a merge")
@pytest.mark.parametrize("how", SPOILT_LOCKS)
def test_a_lock_that_lost_stages_is_refused_before_the_pipeline_runs(how: str, project: Project, run: Run) -> None:
    folder = project()
    for words in (["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    spoil, said = SPOILT_LOCKS[how]
    whole = (folder / "dvc.lock").read_text()
    (folder / "dvc.lock").write_text(spoil(whole))
    done = run(folder, "src/collect.py")
    assert (done.returncode, said in done.stderr) == (3, True), done.stderr
    assert not (folder / "data").exists()
    [repair] = [line.partition("Run: ")[2].partition("   ")[0] for line in done.stderr.splitlines() if "Run: " in line]
    subprocess.run(shlex.split(repair), cwd=folder, check=True)
    assert (folder / "dvc.lock").read_text() == whole


@pytest.mark.slow
@pytest.mark.fault("D2", inject="a stage of dvc.yaml whose output lies in another's")
def test_two_stages_that_write_to_one_place_are_refused(project: Project, run: Run) -> None:
    folder = project()
    pipeline = yaml.safe_load((folder / "dvc.yaml").read_text())
    pipeline["stages"]["twice"] = {"cmd": "true", "outs": ["data/clean/shakespeare/train.parquet"]}
    (folder / "dvc.yaml").write_text(yaml.safe_dump(pipeline))
    done = run(folder, sys.executable, "-m", "dvc", "repro", "--dry")
    assert done.returncode != 0
    assert "overlap" in done.stderr
    assert "data/clean/shakespeare" in done.stderr


# --- D3, D4, D5: stored data that changes ---


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


PLACES = {
    "raw": "data/local/tiny/files/00-tiny_text/00.txt",
    "tokenizer in the cache": "data/cache/tokenizer/*/tokenizer.json",
    "tokens in the cache": "data/cache/tokens/*/train.bin",
    "tokenizer of the pipeline": "data/tokenizer/tiny-byte/tokenizer.json",
    "tokens of the pipeline": "data/tokens/tiny-byte/val.bin",
}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.fault("D3", inject="one byte changed in the raw text, in tokens and tokenizer, of the cache and of the pipeline")
def test_one_changed_byte_stops_a_training_and_the_command_named_repairs_it(trained: Any, tmp_path: Path, run: Run) -> None:
    folder = shutil.copytree(trained.project, tmp_path / "project", symlinks=True)
    for name, place in PLACES.items():
        if name == "tokenizer of the pipeline":
            for script in ("src/clean.py", "src/learn_tokenizer.py", "src/encode.py"):
                assert run(folder, script, "data=tiny", *["tokenizer=byte"][: script != "src/clean.py"]).returncode == 0
        [path] = folder.glob(place)
        flip(path)
        done = run(folder, "src/train.py", *trained.words, "seed=2")
        assert done.returncode == 3, name
        assert f"{path} was altered" in done.stderr
        assert "\nstep " not in done.stdout
        assert len(list(folder.glob("mlruns/*/*/artifacts"))) == 1, "no run was begun"
        [repair] = [line.partition("Run: ")[2].partition("   ")[0] for line in done.stderr.splitlines() if "Run: " in line]
        words = shlex.split(repair)
        assert run(folder, *words[words[0] == "python" :]).returncode == 0, repair
    again = run(folder, "src/train.py", *trained.words)
    assert again.returncode == 0, again.stderr
    assert len(list(folder.glob("mlruns/*/*/artifacts"))) == 1, "the data are those of the run that is there"


SWAP = """
import pathlib, shutil, numpy
import assay.trainer.progress as progress
from assay.files import draft_folder, read_manifest, write_manifest
real = progress.TrainingProgress.step

def step(self, *words, **more):
    if progress.TrainingProgress.step is not real:
        progress.TrainingProgress.step = real
        [home] = pathlib.Path("data/cache/tokens").glob("[0-9a-f]*/")
        with draft_folder(home) as draft:
            for path in home.iterdir():
                shutil.copyfile(path, draft / path.name)
            for name in ("train", "val", "test"):
                tokens = numpy.fromfile(draft / f"{name}.bin", "<u2")
                tokens[::-1].tofile(draft / f"{name}.bin")
            manifest = read_manifest(draft)
            (draft / "manifest.json").unlink()
            write_manifest(draft, **{key: manifest[key] for key in ("fingerprint", "stage", "corpus", "made_from")})
    return real(self, *words, **more)

progress.TrainingProgress.step = step
"""


@pytest.mark.slow
@pytest.mark.fault("D5", inject="other tokens put in the folder's place after the first step of a training that reads them")
def test_a_training_reads_the_tokens_that_it_opened_to_its_end(trained: Any, tmp_path: Path) -> None:
    folder = shutil.copytree(trained.project, tmp_path / "project", symlinks=True)
    before = {path: path.read_bytes() for path in folder.glob("data/cache/tokens/*/*.bin")}
    with WARM.command(folder / "src/train.py", [*trained.words, "rerun=true"], folder, code=SWAP) as command:
        assert command.wait(120) == 0, command.err.read_text()
    assert all(path.read_bytes() != content for path, content in before.items()), "the swap took place"
    results = {path.parent: json.loads(path.read_bytes()) for path in folder.glob("mlruns/*/*/artifacts/result.json")}
    first, second = results.values()
    for name in ("losses_sha256", "weights_sha256"):
        assert first[name] == second[name]
    metrics = ({key: value for key, value in each["metrics"].items() if not key.startswith("speed")} for each in (first, second))
    assert next(metrics) == next(metrics)


HOLD = """
import pathlib, time
pathlib.Path("held").touch()
while not pathlib.Path("go").exists():
    time.sleep(0.05)
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.fault("D5", inject="a second `dvc repro` while the first is cleaning")
def test_a_second_repro_is_refused_and_the_first_is_unharmed(project: Project, run: Run) -> None:
    folder = project()
    (corpus(folder, "tiny") / "a.txt").write_text("\n\n".join(PROSE))
    (folder / "data.dvc").unlink()
    (folder / "dvc.lock").unlink()
    listed = {"corpora": {"tiny": {"raw": "data/local/tiny", "tokenizer": "byte"}}, "experiments": {}}
    (folder / "conf/pipeline.yaml").write_text(yaml.safe_dump(listed))
    pipeline = yaml.safe_load((folder / "dvc.yaml").read_text())
    pipeline["stages"] = {"clean": pipeline["stages"]["clean"]}
    pipeline["stages"]["clean"]["do"]["cmd"] = f"python hold.py && {pipeline['stages']['clean']['do']['cmd']} cleaning.passage_bytes=64"
    (folder / "dvc.yaml").write_text(yaml.safe_dump(pipeline))
    (folder / "hold.py").write_text(HOLD)
    assert run(folder, "src/collect.py", "tiny").returncode == 0
    command = [sys.executable, "-m", "dvc", "repro"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as first:
        deadline = time.monotonic() + 60
        while not (folder / "held").exists() and time.monotonic() < deadline and first.poll() is None:
            time.sleep(0.05)
        second = run(folder, *command)
        (folder / "go").touch()
        said = first.communicate(timeout=120)[0]
    assert second.returncode != 0
    assert f"PID {first.pid}" in second.stderr
    assert first.returncode == 0, said
    assert adds_up(card_of(folder, "tiny"))


# --- D6: documents ---

STRANGE = {
    "empty": b"",
    "white space": b" \t\r\n \n",
    "one character": b"x",
    "NUL bytes": b"text with \0 in it",
    "invalid UTF-8": b"caf\xe9 \xff\xfe",
    "byte order mark": "\ufeffmarked text".encode(),
    "UTF-16": "wide text in sixteen bits".encode("utf-16"),
    "UTF-16 without its mark": "wide text".encode("utf-16-le"),
    "CRLF": b"first line\r\nsecond line\r\n",
    "CR": b"first of old\rsecond of old\r",
    "only emoji": "😀😃😄\u200d👩\u200d👩\u200d👧".encode(),
    "right to left": "\u202eשלום עולם العربية\u202c".encode(),
    "combining marks": ("e" + "\u0301" * 10_000).encode(),
    "decomposed": "e\u0301tude a\u0308rger".encode(),
    "zero-width": "zero\u200bwidth\u200djoiners\ufeff\u2060".encode(),
    "unassigned": "\U000e0fff\ufffe\uffff noncharacters".encode(),
    "special token": b"a text about <|endoftext|> and <s>",
    "escapes": b"\x1b[31mred\x1b[0m \x07 bell \x08",
    "separators": "one\u2028two\u2029three\x85four".encode(),
}
SURROGATES = b'{"text": "half \\ud83d of a pair"}\n{"text": "\\ude00 the other half"}\n{"text": "\\ud83d\\ude00 a whole pair"}\n'


@pytest.mark.fault(
    "D6",
    inject="documents of nothing, white space, one character, NUL bytes, half surrogate pairs, invalid UTF-8, UTF-16, CR and CRLF, emoji, "
    "right-to-left, 10,000 combining marks, joiners, escapes",
)
def test_each_strange_document_is_kept_or_dropped_with_a_counted_reason(project: Project, run: Run) -> None:
    folder = project()
    text = corpus(folder)
    for name, content in STRANGE.items():
        (text / f"{name}.txt").write_bytes(content)
    (text / "surrogates.jsonl").write_bytes(SURROGATES)
    assert run(folder, "src/collect.py", "hostile").returncode == 0
    done = run(folder, "src/clean.py", "data=hostile", "cleaning.min_characters=1", "cleaning.encodings=[utf-8]")
    assert (done.returncode, done.stderr) == (0, "")
    card = card_of(folder)
    assert adds_up(card)
    assert card["documents"]["read"] == len(STRANGE) + 3
    assert card["dropped_by_reason"] == {"combining_marks": 1, "empty": 2, "lone_surrogate": 2, "nul_bytes": 2, "undecodable": 1}
    kept = texts_of(folder)
    assert len(kept) == card["documents"]["kept"]
    assert all(unicodedata.is_normalized("NFC", each) and each.encode().decode() == each and "\r" not in each for each in kept)
    assert {"x", "marked text", "wide text in sixteen bits", "first line\nsecond line", "étude ärger", "😀 a whole pair"} <= set(kept)


def peak(project: Path, *words: str) -> tuple[int, float, int, str]:
    """(exit code, CPU seconds, largest resident memory in MB, what it said) of a command with a start of its own."""
    with subprocess.Popen([sys.executable, *words], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        assert child.stdout is not None
        said = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, said


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.fault("D6", inject="a document of 200 MB, one line of 50 MB")
def test_a_document_of_200_mb_and_a_line_of_50_are_read_or_dropped_within_memory(project: Project, run: Run) -> None:
    folder = project()
    text = corpus(folder)
    with (text / "large.txt").open("wb") as stream:
        for number in range(2_000):
            stream.write(b"%06d " % number + b"The same words stand here again and again. " * 2_325 + b"\n\n")
    assert (text / "large.txt").stat().st_size > 199_000_000
    (text / "line.jsonl").write_bytes(b'{"text": "' + b"one line " * 5_555_556 + b'"}\n')
    assert run(folder, "src/collect.py", "hostile").returncode == 0
    code, cpu_seconds, peak_mb, said = peak(folder, "src/clean.py", "data=hostile", "cleaning.passage_bytes=1000000")
    shutil.rmtree(text)
    assert code == 0, said
    card = card_of(folder)
    assert adds_up(card)
    assert card["dropped_by_reason"] == {"too_long": 1}
    assert card["kept_bytes"] > 199_000_000
    assert peak_mb < 1800
    assert cpu_seconds < 30


# --- D8: archives ---


def tar(name: str, kind: bytes = tarfile.REGTYPE, content: bytes = b"", mode: str = "w:") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname, entry.size = kind, "/etc/passwd", len(content)
        archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


ZEROS = 120 * 2**20
ARCHIVES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "gzip 1000 : 1": ("a.txt.gz", lambda: gzip.compress(bytes(ZEROS), 1), "as an archive bomb does"),
    "zip 1000 : 1": ("a.zip", lambda: zipped("a.txt", bytes(ZEROS)), "as an archive bomb does"),
    "tar.gz 1000 : 1": ("a.tar.gz", lambda: tar("a.txt", content=bytes(ZEROS), mode="w:gz"), "as an archive bomb does"),
    "gzip in gzip": ("a.txt.gz", lambda: gzip.compress(gzip.compress(b"text")), "holds another compressed file"),
    "truncated": ("a.txt.gz", lambda: gzip.compress(os.urandom(1000).hex().encode())[:-20], "is damaged or is no gzip file"),
    "wrong extension": ("a.zip", lambda: b"plain text", "is damaged or is no zip file"),
    "zip with ../x": ("a.zip", lambda: zipped("../x.txt", b"outside"), "the name leaves the archive"),
    "tar with a link": ("a.tar", lambda: tar("a.txt", tarfile.SYMTYPE), "is a link or a device"),
    "tar with a hard link": ("a.tar", lambda: tar("a.txt", tarfile.LNKTYPE), "is a link or a device"),
}


def files_beside_the_cache(project: Path) -> set[Path]:
    return {path for path in project.parent.rglob("*") if not {"cache", "__pycache__"} & set(path.parts)}


@pytest.mark.slow
@pytest.mark.fault(
    "D8", inject="archives of 1000 : 1, gzip in gzip, a cut gzip, a wrong extension, a zip with ../x, a tar with links; memory measured"
)
def test_each_hostile_archive_is_refused_by_name_and_writes_nothing(project: Project, run: Run) -> None:
    folder = project()
    text = corpus(folder)
    for name, (file, make, said) in ARCHIVES.items():
        (text / file).write_bytes(make())
        done = run(folder, "src/collect.py", "hostile")
        assert done.returncode == 0, done.stderr
        outside = files_beside_the_cache(folder)
        if "1000" in name:
            code, _, peak_mb, output = peak(folder, "src/clean.py", "data=hostile")
            assert (code, "Traceback" in output) == (3, False), output
            assert peak_mb < 420, name
        else:
            output = refused(run(folder, "src/clean.py", "data=hostile"), folder)
        assert said in output, (name, output)
        assert file in output
        assert files_beside_the_cache(folder) == outside
        assert not list(folder.glob("data/cache/**/part-*"))
        (text / file).unlink()


# --- D10: JSONL ---

BAD_LINES = {
    "no JSON": b'{"text": "broken',
    "missing field": b'{"txt": "nothing to read"}',
    "number as text": b'{"text": 3}',
    "huge integer": b'{"text": "a", "n": ' + b"9" * 5000 + b"}",
    "key twice": b'{"text": "a", "text": "b"}',
    "no record": b'["text"]',
    "deep": b"[" * 100_000,
    "null": b'{"text": null}',
}


@pytest.mark.fault(
    "D10",
    inject="jsonl with lines that are broken, without the field, of numbers, of a 5,000-digit integer, a key twice, nested 100,000 deep; ids "
    "twice; ended by CR alone",
)
def test_bad_lines_stop_the_strict_reader_and_are_counted_up_to_a_share_by_the_lenient(project: Project, run: Run) -> None:
    folder = project()
    good = [json.dumps({"id": "the same", "text": line}).encode() for line in PROSE]
    lines = [*good[:20], *BAD_LINES.values(), *good[20:]]
    text = corpus(folder)
    (text / "a.jsonl").write_bytes(b"\r".join(lines) + b"\r")
    assert run(folder, "src/collect.py", "hostile").returncode == 0
    said = refused(run(folder, "src/clean.py", "data=hostile"), folder)
    assert "a.jsonl:21: not JSON" in said
    words = ["src/clean.py", "data=hostile", "data.sources.0.bad_records=0.16"]
    said = refused(run(folder, *words), folder)
    assert "8 of 48 records are bad, more than `bad_records: 0.16` allows" in said
    assert "a.jsonl:21" in said
    done = run(folder, *words[:2], "data.sources.0.bad_records=0.17")
    assert (done.returncode, done.stderr) == (0, "")
    card = card_of(folder)
    assert adds_up(card)
    assert card["documents"] == {"read": 48, "kept": 40, "dropped": 8}
    assert card["dropped_by_reason"] == {"bad_record": 8}


# --- D11: too little text ---

TOO_LITTLE = {
    "nothing kept": (
        b"".join(line.encode() for line in PROSE),
        ["cleaning.min_characters=100000"],
        "kept 0 (0 bytes); dropped: 40 too_short",
    ),
    "one document": (b"the only line\n", [], "Read 1 documents, kept 1 (13 bytes); dropped: none"),
    "all identical": (b"one and the same line\n" * 50, [], "kept 1 (21 bytes); dropped: 49 duplicate"),
    "only empty lines": (b"\n" * 50, [], "kept 0 (0 bytes); dropped: 50 empty"),
}


@pytest.mark.fault("D11", inject="a corpus of which nothing is kept, of one document, of one document many times, of empty lines")
def test_too_little_text_is_refused_with_the_counts_by_reason(project: Project, run: Run) -> None:
    folder = project()
    text = corpus(folder, format="lines")
    for content, words, said in TOO_LITTLE.values():
        (text / "a.txt").write_bytes(content)
        assert run(folder, "src/collect.py", "hostile").returncode == 0
        assert said in refused(run(folder, "src/clean.py", "data=hostile", *words), folder)


@pytest.mark.slow
@pytest.mark.fault("D11", inject="a training on a corpus smaller than one sequence")
def test_a_corpus_smaller_than_a_sequence_is_refused_before_the_first_step(project: Project, run: Run) -> None:
    folder = project()
    (corpus(folder, format="lines") / "a.txt").write_text("the first line\nthe second line\nthe third line\nthe fourth line\n")
    done = run(folder, "src/train.py", "data=hostile", "tokenizer=byte", "model=gpt_nano", "trainer=smoke")
    assert done.returncode == 3, done.stderr
    assert "tokens" in done.stderr
    assert "data.context_tokens=" in done.stderr
    assert "Traceback" not in done.stderr


# --- D14: tokenizers ---


@pytest.mark.fault("D14", inject="a vocabulary below the 256 bytes")
@pytest.mark.parametrize("kind", ["bpe", "char", "word", "unigram"])
def test_a_vocabulary_that_cannot_spell_every_byte_is_refused_as_config(kind: str, project: Project, run: Run) -> None:
    folder = project()
    done = run(folder, "src/learn_tokenizer.py", f"tokenizer={kind}", "tokenizer.vocab_size=255")
    assert done.returncode == 2
    assert "tokenizer.vocab_size" in done.stderr
    assert "at least 25" in done.stderr
    assert not (folder / "data").exists()
