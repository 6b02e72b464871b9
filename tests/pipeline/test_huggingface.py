"""A folder of transformers as the model: trained, replayed, used after the folder is gone, and given back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from folders import write_folders

from assay.tokenizer.learn import Bpe
from assay.tokenizer.schema import BpeSchema

SMALL = (
    *("data=tiny", "trainer=smoke", "trainer.threads=1", "schedule=constant", "schedule.warmup_steps=0", "evaluation.sample_tokens=4"),
    *("trainer.tokens_per_step=128", "trainer.sequences_per_microbatch=2", "trainer.evaluate_every_steps=2"),
)
MODEL = ("model=hf", "model.path=models/hf", "tokenizer=pretrained", "tokenizer.path=models/vocabulary")


@pytest.mark.slow
def test_a_run_needs_its_folder_at_the_start_and_for_a_replay(
    project: Callable[..., Path], run: Callable[..., Any], tiny_text: Callable[[Path], Path]
) -> None:
    place = project()
    tiny_text(place)
    folder = write_folders(place / "models", vocab_size=270, n_positions=32) / "hf"
    vocabulary = place / "models/vocabulary"
    vocabulary.mkdir()
    tokenizer = Bpe(BpeSchema(vocab_size=270)).learn(iter([text.read_text() for text in sorted((place / "tiny_text").iterdir())]))
    for each in (folder, vocabulary):
        tokenizer.save(str(each / "tokenizer.json"))

    def done(*words: str, code: int = 0) -> str:
        ended = run(place, *words)
        assert ended.returncode == code, f"{words}\n{ended.stdout}\n{ended.stderr}"
        assert "Traceback" not in ended.stderr
        return str(ended.stdout + ended.stderr)

    done("src/train.py", *SMALL, *MODEL, "trainer.max_steps=4", "tracking.run_name=whole")
    assert "4 of 4 steps bit-identical" in done("src/replay.py", "whole")
    away = folder.rename(place / "models/away")
    assert "holds no config.json" in done("src/train.py", *SMALL, *MODEL, "trainer.max_steps=4", code=2)
    assert done("src/generate.py", "whole", "The old", "max_new_tokens=4", "temperature=0").startswith("The old")
    assert "GPT2LMHeadModel; logits of" in done("src/export.py", "whole")
    away.rename(folder)
    assert "an identical run is finished" in done("src/train.py", *SMALL, *MODEL, "trainer.max_steps=4", "tracking.run_name=whole")
    config = folder / "config.json"
    config.write_text(config.read_text().replace('"resid_pdrop": 0.1', '"resid_pdrop": 0.2'))
    assert "are not those that the run began with" in done("src/replay.py", "whole", code=1)
