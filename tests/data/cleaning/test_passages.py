import time

from hypothesis import given
from hypothesis import strategies as st

from assay.data.cleaning.passages import passages


def test_text_is_cut_at_blank_lines() -> None:
    verse = "a" * 30 + "\n" + "b" * 30
    assert passages(f"{verse}\n\n{verse}\n\n{verse}", 70) == [f"{verse}\n\n", f"{verse}\n\n", verse]


def test_short_text_is_one_passage() -> None:
    assert passages("a\n\nb", 64) == ["a\n\nb"]
    assert passages("", 64) == []


def test_a_block_without_blank_lines_is_cut_after_a_line() -> None:
    assert passages("aaaa\nbbbb\ncccc\n", 10) == ["aaaa\nbbbb\n", "cccc\n"]


def test_a_line_without_ends_is_cut_after_a_sentence() -> None:
    found = passages("今天天气很好。我们去公园玩吧。" * 20, 128)
    assert len(found) > 5
    assert all(piece.endswith("。") for piece in found)


def test_a_line_without_any_mark_is_cut_between_characters() -> None:
    for character in "é中😀":
        found = passages(character * 100, 65)
        assert set("".join(found)) == {character}
        assert len(found) > 2


def test_a_stub_at_the_end_stays_with_the_passage_before() -> None:
    assert passages("a" * 90 + "\n\nTHE END\n", 92) == ["a" * 90 + "\n\nTHE END\n"]


@given(st.text(alphabet=st.sampled_from("ab \n。中\u0301😀")), st.integers(64, 200))
def test_nothing_is_lost_and_no_passage_is_far_over_the_size(text: str, size_bytes: int) -> None:
    found = passages(text, size_bytes)
    assert "".join(found) == text
    assert all(len(piece.encode()) <= size_bytes * 1.25 for piece in found)


def test_one_line_of_many_megabytes_is_cut_in_linear_time() -> None:
    started = time.process_time()
    found = passages("x" * 10_000_000, 6144)
    assert len(found) > 1000
    assert time.process_time() - started < 3
