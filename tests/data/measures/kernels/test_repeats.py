import oracle
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.batch import TextBatch
from assay.data.measures.kernels.repeats import LONGEST
from assay.data.measures.measure import measure


@settings(deadline=None, max_examples=200)
@given(some.lists(some.sampled_from("abc"), max_size=80))
def test_repeats_of_every_length_are_those_of_the_definition(words: list[str]) -> None:
    found = measure(TextBatch.of([" ".join(words)]))[0]
    expected = oracle.of_words(words)
    for size in range(2, LONGEST + 1):
        name = f"top_{size}_gram" if size < 5 else f"repeated_{size}_grams"
        assert found[name] == expected[name]
