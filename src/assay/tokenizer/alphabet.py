"""The spelling of bytes in tokenizer.json: a printable character each (byte-level, GPT-2), or `<0x41>` (byte fallback)."""

from tokenizers import AddedToken

END_OF_DOCUMENT = "<|endoftext|>"
"""The one control token: only the encoder puts it there, after each document."""
UNKNOWN = "[UNK]"
MASKS = ("[MASK]", "<mask>", "<|mask|>")
"""Names of the masked token in other people's vocabularies."""
CONTINUES = "##"
"""Before a piece that goes on with a word (WordPiece)."""
METASPACE = "\u2581"
"""SentencePiece's spelling of a blank."""
_KEPT = [*range(ord("!"), ord("~") + 1), *range(ord("\u00a1"), ord("\u00ac") + 1), *range(ord("\u00ae"), ord("\u00ff") + 1)]


def end_of_document() -> AddedToken:
    return AddedToken(END_OF_DOCUMENT, special=True, normalized=False)


def _byte_characters() -> tuple[str, ...]:
    """GPT-2's table (Radford et al. 2019, encoder.py): printable Latin-1 stands for itself, the rest follows from U+0100."""
    others = iter(range(0x100, 0x200))
    return tuple(chr(byte if byte in _KEPT else next(others)) for byte in range(256))


BYTE_CHARACTERS = _byte_characters()
"""Character of each byte value."""
_BYTE_OF = {character: byte for byte, character in enumerate(BYTE_CHARACTERS)}


def byte_token(byte: int) -> str:
    return f"<0x{byte:02X}>"


_FALLBACK = {byte_token(byte): bytes([byte]) for byte in range(256)}


def spelled(word: bytes) -> str:
    """A word's bytes as byte-level vocabularies spell them."""
    return "".join([BYTE_CHARACTERS[byte] for byte in word])


def bytes_of(token: str, byte_level: bool) -> bytes:
    """The UTF-8 bytes that a token adds to the text. Raises KeyError for a token that holds what its kind can't spell."""
    if byte_level:
        return bytes(_BYTE_OF[character] for character in token)
    return _FALLBACK.get(token) or token.encode()
