from hypothesis import given
from hypothesis import strategies as st

from assay.data.document import DROPS_SHOWN, Document, Outcome, _first_difference, document_id, text_hash


def test_an_id_is_the_same_on_every_machine() -> None:
    assert document_id("pypi:a==1", "p/a.txt", "1") == "8207d47e53dd91ea0f021ffbf3c436ff"
    assert text_hash("中") == "322275e384d7da3e0524b6e05bc20c62"


@given(st.tuples(*[st.text(max_size=3)] * 3), st.tuples(*[st.text(max_size=3)] * 3))
def test_different_places_have_different_ids(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert (document_id(*one) == document_id(*other)) == (one == other)


def document(number: int) -> Document:
    return Document(f"{number:04d}", "x" * 500, "s", "p", "1")


def test_all_drops_are_counted_and_those_with_the_smallest_ids_shown_in_any_order() -> None:
    forward, backward, halves = Outcome(), Outcome(), Outcome()
    for number in range(1000):
        forward.drop(document(number), "empty")
        backward.drop(document(999 - number), "empty")
    for start in (500, 0):
        half = Outcome()
        for number in range(start, start + 500):
            half.drop(document(number), "empty")
        halves.add(half)
    for outcome in (forward, backward, halves):
        outcome.trim()
        assert outcome.dropped == {"empty": 1000}
        assert [shown.id for shown in outcome.shown["empty"]] == [f"{number:04d}" for number in range(DROPS_SHOWN)]
        assert len(outcome.shown["empty"][0].excerpt) == 200


def test_an_excerpt_of_a_broken_text_can_be_written() -> None:
    outcome = Outcome()
    outcome.drop(Document("a", "x\ud83d", "s", "p", "1"), "lone_surrogate")
    outcome.shown["lone_surrogate"][0].excerpt.encode()


@given(st.integers(0, 3), st.text("ab", max_size=3), st.text("ab", max_size=3))
def test_the_first_difference_is_found_within_and_across_blocks(blocks: int, before: str, after: str) -> None:
    same = "x" * (4096 * blocks - 1)
    place = _first_difference(same + before, same + after)
    assert (same + before)[:place] == (same + after)[:place]
    assert place == min(len(same + before), len(same + after)) or (same + before)[place] != (same + after)[place]
