import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from assay.data.measures.kernels.marks import LOREM_IPSUM, find, steps


@settings(deadline=None)
@given(some.lists(some.sampled_from(["lorem", "LOREM", " ", "ipsum", "Ipsum", "l", "m"])).map("".join))
def test_a_phrase_is_found_where_it_first_stands_in_any_case(text: str) -> None:
    content = np.frombuffer(text.encode(), np.uint8)
    assert find(content, 0, len(content), LOREM_IPSUM, steps(b"lorem ipsum")) == text.lower().find("lorem ipsum")
