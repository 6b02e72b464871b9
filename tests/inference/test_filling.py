"""What an encoder-decoder writes for a prompt with gaps."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from assay.errors import ConfigError
from assay.inference import filling
from assay.inference.schema import GenerateConfig

FIRST = 256  # the ids after the tokenizer's last


class Bytes:
    """One id a byte."""

    vocab_size, end_of_document = FIRST, 0

    def __init__(self, mask: int | None) -> None:
        self.mask = mask

    def encode(self, text: str) -> list[int]:
        return list(text.encode())

    def decode(self, ids: list[int]) -> str:
        return bytes(ids).decode()


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch) -> Any:
    """write(extra, prompt, ids): the text for a prompt if the model writes these ids, and the source that it was given.

    `mask`: the tokenizer's own id of [MASK].
    """

    def done(extra: int, prompt: str, ids: list[int], mask: int | None = None) -> tuple[str, list[int]]:
        given: list[int] = []

        def generate(model: Any, source: list[int], config: Any, end: int, allowed: int) -> Iterator[int]:
            given.extend(source)
            assert all(each < allowed for each in ids)
            return iter(ids)

        class Stream:
            def __init__(self, tokenizer: Bytes) -> None: ...

            def feed(self, token: int) -> str:
                return chr(token)

            def finish(self) -> str:
                return ""

        monkeypatch.setattr(filling, "generate_target", generate)
        monkeypatch.setattr(filling, "StreamDecoder", Stream)
        trained = SimpleNamespace(
            tokenizer=Bytes(mask),
            model=SimpleNamespace(context_tokens=12),
            config=SimpleNamespace(objective=SimpleNamespace(EXTRA_TOKENS=extra)),
        )
        return "".join(filling.written(trained, prompt, GenerateConfig())), given  # type: ignore[arg-type]

    return done


def test_a_denoiser_is_given_one_mark_for_each_gap_and_writes_the_whole(write: Any) -> None:
    text, source = write(1, "a[MASK]b[MASK]", [97, 98, 99])
    assert text == "abc"
    assert source == [97, FIRST, 98, FIRST]


def test_a_gap_is_the_tokenizers_own_mask_where_it_has_one_and_spans_keep_their_sentinels(write: Any) -> None:
    assert write(1, "a[MASK]b[MASK]", [97], mask=5)[1] == [97, 5, 98, 5]
    assert write(100, "a[MASK]b", [FIRST, 120], mask=5)[1] == [97, FIRST, 98]


def test_spans_are_put_where_their_sentinels_are(write: Any) -> None:
    text, source = write(100, "a[MASK]b[MASK]c", [FIRST, 120, 121, FIRST + 1, 122, FIRST + 2, 119])
    assert text == "axybzc"  # what follows the last sentinel is nothing's
    assert source == [97, FIRST, 98, FIRST + 1, 99]


def test_a_gap_that_the_model_forgets_stays_empty(write: Any) -> None:
    assert write(100, "a[MASK]b[MASK]c", [115, FIRST + 1, 122])[0] == "abzc"


def test_a_model_of_no_gaps_takes_the_prompt_as_it_is(write: Any) -> None:
    assert write(0, "a[MASK]", [98])[1] == list(b"a[MASK]")


@pytest.mark.parametrize(
    ("extra", "prompt", "says"),
    [
        (1, "abc", r"the prompt has none; write \[MASK\] for each"),
        (100, "", r"the prompt has none"),
        (1, "[MASK]" + 12 * "a", "the prompt has 13 tokens; the model reads 1 to 12"),
        (2, "[MASK]a[MASK]", "the prompt has 2 gaps; the model knows sentinels for 1"),
        (0, "", "the prompt has 0 tokens"),
    ],
)
def test_a_prompt_that_can_not_be_filled_is_refused(extra: int, prompt: str, says: str, write: Any) -> None:
    with pytest.raises(ConfigError, match=says):
        write(extra, prompt, [])
