"""Recipes with rules, from files to splits: by language, with C4's cuts, and nothing measured twice."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
import pytest

from assay.data.clean import clean
from assay.data.cleaning.schema import C4Rules, ChineseRules, CleaningSchema, CodeRules, FineWebRules, GopherRules, RuleSet
from assay.data.language.names import LANGUAGES
from assay.data.near.settings import NearDedupSettings
from assay.data.quality import Quality, sets_of
from assay.errors import DataError

Corpus = Callable[..., SimpleNamespace]
ENGLISH = "It was the best of times and it was the worst of times, as the man of the house said to them that had come with him"
CHINESE = "我们昨天去了城外的山上，看见很多人在那里画画。天气很好，大家都很高兴，晚上才回家吃饭。"
RULES = [
    RuleSet(languages=["zh"], chinese=ChineseRules(min_han=30)),
    RuleSet(
        languages=["en", "other"], gopher=GopherRules(min_words=20), c4=C4Rules(min_sentences=1), fineweb=FineWebRules(max_short_lines=None)
    ),
]


def kept(made: SimpleNamespace) -> tuple[list[str], Any]:
    folder: Path = made.root / "out"
    clean(made.config, folder, made.root, made.say)
    texts = [
        text for split in ("train", "val", "test") for text in parquet.read_table(folder / f"{split}.parquet").column("text").to_pylist()
    ]
    return texts, (folder / "CARD.md").read_text(encoding="utf-8")


def english(number: int) -> str:
    return f"{ENGLISH}, for the {number}th time.\\nMenu | Home\\nThat is all of it."


@pytest.fixture
def mixed(corpus: Corpus) -> Callable[..., SimpleNamespace]:
    """Six texts of each language, a short one of each, and one without end marks."""

    def make(rules: list[RuleSet] = RULES) -> SimpleNamespace:
        texts = [english(number) for number in range(6)] + [f"{CHINESE}{number}" for number in range(6)]
        texts += ["Too short to be of use to the man.", "太短的一句话。", f"{ENGLISH} and there was no end to that for him"]
        content = "\n".join(f'{{"text": "{text}"}}' for text in texts).encode()
        return corpus({"a.jsonl": content}, cleaning={"rules": rules})

    return make


def test_each_document_is_held_to_the_rules_of_its_language_and_c4_cuts_lines(mixed: Callable[..., SimpleNamespace]) -> None:
    texts, card = kept(mixed())
    assert sorted(texts) == sorted(
        [f"{ENGLISH}, for the {number}th time.\nThat is all of it." for number in range(6)] + [f"{CHINESE}{number}" for number in range(6)]
    )
    for reason in ("gopher.too_few_words", "chinese.too_few_han", "c4.too_few_sentences"):
        assert f"| {reason} | 1 |" in card
    assert "| c4_lines | " in card


def test_a_moved_threshold_measures_nothing_again_and_other_cuts_do(
    mixed: Callable[..., SimpleNamespace], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for name in ("measures", "edited"):
        real = getattr(Quality, name)

        def counted(self: Quality, batch: Any, *given: Any, name: str = name, real: Any = real) -> Any:
            calls.extend([name] if len(batch) else [])
            return real(self, batch, *given)

        monkeypatch.setattr(Quality, name, counted)
    kept(mixed())
    assert calls == ["measures", "edited"]
    stricter = [RULES[0], RuleSet(languages=["en", "other"], gopher=GopherRules(min_words=45), c4=RULES[1].c4, fineweb=RULES[1].fineweb)]
    texts, _ = kept(mixed(stricter))
    assert calls == ["measures", "edited"]
    assert len(texts) == 6  # the Chinese ones: an English one has some 40 words before the cut
    other = [RULES[0], RuleSet(languages=["en", "other"], gopher=RULES[1].gopher, c4=C4Rules(min_sentences=2), fineweb=RULES[1].fineweb)]
    kept(mixed(other))
    assert calls == ["measures", "edited", "edited"]


def test_sets_are_chosen_by_group_and_the_first_that_fits_counts() -> None:
    codes = np.array([LANGUAGES.index(name) for name in ("en", "zh-Hans", "zh-Hant", "de", "unknown")], dtype=np.uint8)
    rules = [RuleSet(languages=["zh"]), RuleSet(languages=["en"]), RuleSet(languages=["zh", "other"])]
    assert sets_of(codes, rules, "en").tolist() == [1, 0, 0, 2, 1]
    assert sets_of(codes, rules, "zh").tolist() == [1, 0, 0, 2, 0]
    assert sets_of(codes, rules, "code").tolist() == [-1] * 5
    assert sets_of(codes, [RuleSet(languages=["*"])], "code").tolist() == [0] * 5


def test_a_text_that_no_set_is_for_is_kept(corpus: Corpus) -> None:
    lines = "\n".join(f"def function_{number}(value): return value + {number}" for number in range(9)).encode()
    made = corpus(
        {"a.txt": lines},
        source={"format": "lines"},
        data={"language": "code"},
        cleaning={"rules": [RuleSet(languages=["en"], gopher=GopherRules())]},
    )
    assert len(kept(made)[0]) == 9


def test_code_is_code_by_declaration(corpus: Corpus) -> None:
    lines = [f"def function_{number}(value): return value + {number}" for number in range(9)] + ["x" * 1200]
    rules = [RuleSet(languages=["code"], code=CodeRules())]
    made = corpus({"a.txt": "\n".join(lines).encode()}, source={"format": "lines"}, data={"language": "code"}, cleaning={"rules": rules})
    texts, card = kept(made)
    assert sorted(texts) == sorted(lines[:9])
    assert "| code.long_line | 1 | cleaning.rules, code: long line |" in card


def test_a_recipe_without_c4_edits_nothing() -> None:
    assert not Quality(CleaningSchema(rules=[RuleSet(gopher=GopherRules())]), "en").edits


def test_a_corpus_without_a_document_is_refused_whatever_the_recipe_asks_for(corpus: Corpus) -> None:
    everything = {"rules": RULES, "languages": ["en"], "bad_words": "drop", "near_dedup": NearDedupSettings()}
    made = corpus({"a.txt": b"\n \n"}, source={"format": "lines"}, cleaning=everything)
    with pytest.raises(DataError, match="0 different documents are too few"):
        kept(made)
