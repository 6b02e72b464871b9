from tokenizers import pre_tokenizers

from assay.tokenizer.alphabet import BYTE_CHARACTERS, bytes_of


def test_the_table_is_the_librarys() -> None:
    assert sorted(BYTE_CHARACTERS) == sorted(pre_tokenizers.ByteLevel.alphabet())
    for text in ("Aé中\n\t ~\u00ad\x7f", "😀"):
        ((characters, _),) = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(text)
        assert characters == "".join(BYTE_CHARACTERS[byte] for byte in text.encode())


def test_tokens_give_their_bytes() -> None:
    assert bytes_of("Ġthe", byte_level=True) == b" the"
    assert bytes_of("<0xE4>", byte_level=False) == b"\xe4"
    assert bytes_of("<0x00>", byte_level=False) == b"\0"
    assert bytes_of("中", byte_level=False) == "中".encode()
