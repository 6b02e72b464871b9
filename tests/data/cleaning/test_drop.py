from pathlib import Path
from re import findall

import assay.data.cleaning as package
from assay.data.card import REASONS


def test_every_reason_in_the_code_is_explained_in_the_card() -> None:
    folder = Path(package.__path__[0])
    texts = [path.read_text() for path in folder.parent.rglob("*.py")]
    found = [pair for text in texts for pair in findall(r'Drop\("(\w+)"|\.drop\((?:\w+, )?"(\w+)"', text)]
    assert {one or other for one, other in found} == set(REASONS)
