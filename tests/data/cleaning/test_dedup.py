from itertools import permutations

from assay.data.cleaning.dedup import exact_dedup
from assay.data.document import Document


def document(name: str, text_hash: str) -> Document:
    return Document(name, "", "s", "p", "1", text_hash)


def test_the_smallest_id_survives_whatever_the_order() -> None:
    three = [document("b", "x"), document("a", "x"), document("c", "y")]
    for order in permutations(three):
        kept, repeats = exact_dedup(list(order))
        assert sorted(each.id for each in kept) == ["a", "c"]
        assert [each.id for each in repeats] == ["b"]
