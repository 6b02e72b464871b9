import json
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as some
from tokenizers import AddedToken, models, pre_tokenizers

from assay.data.batch import TextBatch
from assay.tokenizer import tokenizer as module
from assay.tokenizer.alphabet import BYTE_CHARACTERS, spelled
from assay.tokenizer.fast import FastEncoder, whole_characters
from assay.tokenizer.learn import Bpe
from assay.tokenizer.schema import BpeSchema
from assay.tokenizer.tokenizer import Tokenizer

TEXTS = ["the cat sat on the mat, the hat's flat\n\n  def f(x):", "感觉特别流畅，感觉很好，玻璃恢复“好”的玻璃", "être où — “déjà”"] * 4
LEARNED = json.loads(Bpe(BpeSchema(vocab_size=420)).learn(iter(TEXTS)).to_str())
ANY = settings(deadline=None)


def library_of(definition: dict[str, Any]) -> tokenizers.Tokenizer:
    library = tokenizers.Tokenizer.from_str(json.dumps(definition))
    library.encode_special_tokens = True
    return library


def assert_alike(definition: dict[str, Any], texts: list[str]) -> None:
    assert FastEncoder.supports(definition)
    ids, ends = FastEncoder(definition).encode(TextBatch.of(texts))
    expected = [encoding.ids for encoding in library_of(definition).encode_batch(texts, add_special_tokens=False)]
    assert [ids[start:end].tolist() for start, end in pairwise(ends.tolist())] == expected


ANY_TEXT = some.lists(
    some.one_of(some.text(), some.sampled_from([*" ".join(TEXTS).split(), " the", "\n", "<|endoftext|>", "玻璃", "' '"]))
).map("".join)


@ANY
@given(some.lists(ANY_TEXT, max_size=4))
def test_ids_are_the_librarys(texts: list[str]) -> None:
    assert_alike(LEARNED, texts)


@ANY
@given(some.text(some.sampled_from("thecasmn感觉流"), min_size=49, max_size=400))
def test_ids_of_long_words_are_the_librarys(text: str) -> None:
    assert_alike(LEARNED, [text])


PIECES = some.sampled_from([bytes([byte]) for byte in "中文丰é ab“".encode()])


@settings(deadline=None, max_examples=400)
@given(
    some.lists(some.tuples(some.integers(0, 40), some.integers(0, 40)), min_size=1, max_size=30),
    some.text(some.sampled_from("中文丰é ab“"), max_size=40),
)
def test_any_merges_at_all_give_the_librarys_ids(pairs: list[tuple[int, int]], text: str) -> None:
    """Merges that cut characters, come out of order, or spell one token in two ways, as no learner makes them."""
    parts = sorted({bytes([byte]) for byte in "中文丰é ab“".encode()})
    vocabulary = {character: number for number, character in enumerate(sorted(BYTE_CHARACTERS))}
    merges: list[tuple[str, str]] = []
    for one, other in pairs:
        left, right = parts[one % len(parts)], parts[other % len(parts)]
        if (spelled(left), spelled(right)) not in merges:
            merges.insert(len(merges) // 2 if one > 30 else len(merges), (spelled(left), spelled(right)))
        if left + right not in parts:
            parts.append(left + right)
            vocabulary[spelled(left + right)] = len(vocabulary)
    library = tokenizers.Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    assert_alike(json.loads(library.to_str()), [text])


def test_a_character_that_a_merge_may_cut_is_spelled_in_bytes() -> None:
    one, two, three = "中".encode()[:1], "中".encode()[1:2], "中".encode()[2:]
    merges = [(spelled(one), spelled(two)), (spelled(one + two), spelled(three))]
    vocabulary = {character: number for number, character in enumerate(BYTE_CHARACTERS)} | {
        "".join(pair): 256 + i for i, pair in enumerate(merges)
    }
    assert whole_characters(merges, vocabulary) == {ord("中"): 257}
    assert whole_characters([*merges, (spelled(three), "a")], vocabulary) == {ord("中"): 257}  # the character is whole before that
    assert whole_characters([(spelled(three), "a"), *merges], vocabulary) == {}
    assert whole_characters([merges[0], (spelled(b" "), spelled(one + two)), merges[1]], vocabulary) == {}
    assert whole_characters([(spelled("中".encode()), "a"), *merges], vocabulary) == {}


@pytest.mark.fault("D15", inject="40,000 and 80,000 of one character to the compiled encoder")
@pytest.mark.parametrize("unit", ["x", " ", "中", "th", "感觉"])
def test_encoding_one_long_word_is_linear_by_doubling(unit: str) -> None:
    encoder = FastEncoder(LEARNED)

    def seconds(length: int) -> float:
        batch = TextBatch.of([unit * length])
        best = 9.0
        for _ in range(3):
            started = time.process_time()
            encoder.encode(batch)
            best = min(best, time.process_time() - started)
        return best

    assert seconds(80_000) < 3 * seconds(40_000) + 0.01  # four times where it is quadratic


def test_the_table_of_words_never_grows() -> None:
    encoder = FastEncoder(LEARNED)
    before = encoder._words.nbytes
    words = [f"w{number:x}q" for number in range(300_000)]
    ids, ends = encoder.encode(TextBatch.of(words))
    assert encoder._words.nbytes == before == 2**22
    assert [ids[ends[i] : ends[i + 1]].tolist() for i in range(500)] == [e.ids for e in library_of(LEARNED).encode_batch(words[:500])]


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a normalizer": lambda d: d.update(normalizer={"type": "NFC"}),
    "other words": lambda d: d["pre_tokenizer"].update(use_regex=False),
    "a blank put first": lambda d: d["pre_tokenizer"].update(add_prefix_space=True),
    "whole words first": lambda d: d["model"].update(ignore_merges=True),
    "chance": lambda d: d["model"].update(dropout=0.1),
    "another model": lambda d: d["model"].update(type="Unigram"),
    "cutting": lambda d: d.update(truncation={"max_length": 3}),
    "a token found in text": lambda d: d["added_tokens"][0].update(special=False),
    "a byte that can't be spelled": lambda d: d["model"]["vocab"].pop("!"),
    "a merge that spells a control token": lambda d: d["model"]["merges"].append(["<|endof", "text|>"]),
}


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_what_it_can_not_do_is_left_to_the_library(change: str) -> None:
    definition = json.loads(json.dumps(LEARNED))
    CHANGES[change](definition)
    assert not FastEncoder.supports(definition)


def test_texts_go_through_it_once_there_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMPILED_FROM_BYTES", 100)
    tokenizer = Tokenizer(json.dumps(LEARNED).encode())
    batch = TextBatch.of(TEXTS[:2])
    expected = tokenizer._encode_by_library(batch, 0)
    for uses in (None, True, True) if int(batch.offsets[-1]) < 100 else (True, True):
        found = tokenizer.encode_texts(batch, end_of_document=True)
        assert tokenizer.compiled is uses
        assert all(map(np.array_equal, found, expected))


def test_an_encoder_that_differs_on_the_corpus_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMPILED_FROM_BYTES", 0)
    right = FastEncoder.encode
    monkeypatch.setattr(FastEncoder, "encode", lambda self, batch, end_token=None: (right(self, batch)[0] + 1, right(self, batch)[1]))
    tokenizer = Tokenizer(json.dumps(LEARNED).encode())
    ids, _ = tokenizer.encode_texts(TextBatch.of(TEXTS))
    assert tokenizer.compiled is False
    assert tokenizer.decode(ids.tolist()) == "".join(TEXTS)


def test_an_added_token_of_a_text_is_left_to_the_library() -> None:
    library = library_of(LEARNED)
    library.add_tokens([AddedToken("cat", special=False)])
    assert not FastEncoder.supports(json.loads(library.to_str()))
