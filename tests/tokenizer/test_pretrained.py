import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers import AddedToken, decoders, models, normalizers, pre_tokenizers, processors

from assay.errors import DataError
from assay.tokenizer.card import tokenizer_card
from assay.tokenizer.pretrained import Pretrained
from assay.tokenizer.schema import PretrainedSchema
from assay.tokenizer.tokenizer import Tokenizer


def sentencepiece(pieces: list[str], *control: AddedToken, unigram: bool = True) -> tokenizers.Tokenizer:
    """As T5's or Llama's file is made."""
    known = [("<unk>", 0.0), ("</s>", -9.0), *((piece, -float(len(pieces) - place)) for place, piece in enumerate(pieces))]
    model = (
        models.Unigram(known, unk_id=0) if unigram else models.BPE({piece: n for n, (piece, _) in enumerate(known)}, [], unk_token="<unk>")
    )
    found = tokenizers.Tokenizer(model)
    found.pre_tokenizer = pre_tokenizers.Metaspace()
    found.decoder = decoders.Metaspace()
    found.add_special_tokens(list(control))
    return found


def load(folder: Path, tokenizer: tokenizers.Tokenizer) -> Tokenizer:
    tokenizer.save(str(folder / "tokenizer.json"))
    return Tokenizer(Pretrained(PretrainedSchema(path=str(folder))).learn(iter(())).to_str().encode())


def test_ids_are_the_files_own_and_an_end_of_document_is_added(tmp_path: Path) -> None:
    original = sentencepiece(["▁", "a", "b", "▁ab"], unigram=False)
    tokenizer = load(tmp_path, original)
    assert tokenizer.encode("a b") == original.encode("a b", add_special_tokens=False).ids
    assert tokenizer.end_of_document == original.get_vocab_size()
    assert tokenizer.decode(tokenizer.encode("a b")) == "a b"
    assert (tokenizer.unknown, tokenizer.lossless) == (0, False)


def test_nothing_is_cut_padded_or_put_around_a_text(tmp_path: Path) -> None:
    original = sentencepiece(["▁", "a"], AddedToken("<s>", special=True), unigram=False)
    original.enable_truncation(2)
    original.enable_padding(length=9)
    original.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", original.token_to_id("<s>"))])
    assert len(load(tmp_path, original).encode("a" * 7)) == 8


@pytest.mark.fault("D7", inject="names of control tokens in a text, for a tokenizer from elsewhere")
def test_a_token_that_looks_like_control_is_never_read_out_of_a_text(tmp_path: Path) -> None:
    original = sentencepiece(["▁", *"<tol_ca>"], AddedToken("<tool_call>", special=False), unigram=False)
    call = original.token_to_id("<tool_call>")
    assert call in original.encode("a <tool_call>").ids
    assert call not in load(tmp_path, original).encode("a <tool_call>")


def test_a_vocabulary_whose_model_spells_a_control_token_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the text '</s>' would be read as a control token"):
        load(tmp_path, sentencepiece(["▁", *"</s>"], AddedToken("</s>", special=True)))


@pytest.mark.parametrize("content", [None, "{", "{}", '{"model": {"type": "Magic"}, "added_tokens": []}'])
def test_what_is_no_tokenizer_is_refused_by_name(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(DataError, match=r"tokenizer\.json"):
        Pretrained(PretrainedSchema(path=str(tmp_path))).learn(iter(()))


def test_only_tokenizer_json_is_read(tmp_path: Path) -> None:
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"auto_map": {"AutoTokenizer": "evil.Evil"}}))
    (tmp_path / "evil.py").write_text("raise SystemExit('ran')")
    assert load(tmp_path, sentencepiece(["▁", "a"], unigram=False)).encode("a")


def test_a_normalizer_is_no_lossless_tokenizer(tmp_path: Path) -> None:
    vocabulary = {character: number for number, character in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    original = tokenizers.Tokenizer(models.BPE(vocabulary, []))
    original.pre_tokenizer, original.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    assert load(tmp_path, original).lossless
    original.normalizer = normalizers.NFKC()
    assert not load(tmp_path, original).lossless


def byte_level(folder: Path, ids: Callable[[int], int], added: list[dict[str, Any]] | None = None) -> Tokenizer:
    """The 256 bytes as tokens, byte number n under id ids(n), with added tokens as a file has them."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    original = tokenizers.Tokenizer(models.BPE({character: ids(number) for number, character in enumerate(alphabet)}, []))
    original.pre_tokenizer, original.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    definition = json.loads(original.to_str())
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    definition["added_tokens"] = [{**flags, **token} for token in added or []]
    (folder / "tokenizer.json").write_text(json.dumps(definition))
    return Tokenizer(Pretrained(PretrainedSchema(path=str(folder))).learn(iter(())).to_str().encode())


@pytest.mark.fault("D23", inject="a hole of one id, or of many, between the ids of a vocabulary or before its added tokens")
@pytest.mark.parametrize(("first", "hole"), [(5, 1), (100, 900), (255, 3)])
@pytest.mark.parametrize("control", [None, 0, 7])
def test_a_vocabulary_with_a_hole_in_its_ids_keeps_them_and_is_as_large_as_its_highest(
    first: int, hole: int, control: int | None, tmp_path: Path
) -> None:
    highest = 255 + hole
    added = [] if control is None else [{"id": highest + 1 + control, "content": "<|call|>"}]
    tokenizer = byte_level(tmp_path, lambda number: number if number < first else number + hole, added)
    last = added[0]["id"] if added else highest
    assert (tokenizer.end_of_document, tokenizer.vocab_size) == (last + 1, last + 2)
    if added:
        assert tokenizer.token(last) == "<|call|>"
        assert tokenizer.decode(tokenizer.encode("a <|call|>")) == "a <|call|>"
        assert last not in tokenizer.encode("a <|call|>")
    assert len(tokenizer.token_bytes) == tokenizer.vocab_size
    assert (tokenizer.token(first), tokenizer.token_bytes[first]) == ("", b"")
    assert tokenizer.decode(tokenizer.encode("aé中<|endoftext|>")) == "aé中<|endoftext|>"
    assert max(tokenizer.encode("".join(map(chr, range(400))))) <= highest
    assert tokenizer_card(tokenizer, "pretrained", "mine", tokenizer.vocab_size, ["a b"])["round_trip"] == "exact"


@pytest.mark.fault("D23", inject="a hole in the ids of a Unigram vocabulary; two tokens of one id; an added token under two ids")
def test_ids_that_the_library_would_read_as_others_are_refused(tmp_path: Path) -> None:
    sentencepiece(["▁", "a"]).save(str(tmp_path / "tokenizer.json"))
    definition = json.loads((tmp_path / "tokenizer.json").read_text())
    control = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    definition["added_tokens"] = [{**control, "id": 9, "content": "<|call|>"}]
    (tmp_path / "tokenizer.json").write_text(json.dumps(definition))
    with pytest.raises(DataError, match=r"5 ids up to 9 have no token, which a Unigram vocabulary can't have\.\n  Use another tokenizer"):
        Pretrained(PretrainedSchema(path=str(tmp_path))).learn(iter(()))
    with pytest.raises(DataError, match=r"'.' and '<\|call\|>' have the same id, 7\.\n  Use another tokenizer"):
        byte_level(tmp_path, lambda number: number, [{"id": 7, "content": "<|call|>"}])
    with pytest.raises(DataError, match=r"'a' has id 256 there, and the `tokenizers` library reads it as \d+"):
        byte_level(tmp_path, lambda number: number, [{"id": 256, "content": "a"}])


@pytest.mark.fault("D23", inject="added tokens that take blanks before or behind them along")
@pytest.mark.parametrize("side", ["lstrip", "rstrip"])
def test_a_vocabulary_whose_added_tokens_take_blanks_along_does_not_claim_to_keep_all_text(side: str, tmp_path: Path) -> None:
    tokenizer = byte_level(tmp_path, lambda number: number, [{"id": 256, "content": "because", "special": False, side: True}])
    assert not tokenizer.lossless
    text = "well because it is"
    lost = tokenizer.decode(tokenizer.encode(text)) != text
    card = tokenizer_card(tokenizer, "pretrained", "mine", tokenizer.vocab_size, [text, "all of it"])
    assert card["round_trip"].startswith(f"{2 - lost} of 2 documents come back")
    assert lost
    kept = byte_level(tmp_path, lambda number: number, [{"id": 256, "content": "because", "special": False}])
    assert kept.lossless
    assert kept.decode(kept.encode(text)) == text
