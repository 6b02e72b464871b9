import json
from pathlib import Path

import pytest
import tokenizers
from tokenizers import AddedToken, decoders, models, normalizers, pre_tokenizers, processors

from assay.errors import DataError
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
