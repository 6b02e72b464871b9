from assay.data.batch import TextBatch
from assay.data.measures.measure import measure


def test_a_text_too_long_for_the_rooms_leaves_its_neighbours_as_they_are() -> None:
    long = "\n".join(map(str, range(50_000)))
    found = measure(TextBatch.of(["one two", long, "one two"]))
    assert found[0] == found[2]
    assert found[1]["words"] == 50_000
