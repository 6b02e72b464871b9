import json
from collections.abc import Callable
from types import SimpleNamespace

from assay.data.clean import clean


def test_the_card_names_licences_hashes_scripts_and_sizes(corpus: Callable[..., SimpleNamespace], lines: bytes) -> None:
    made = corpus({"a.txt": lines, "b.txt": "中文的一行文字写在这里\n".encode()}, source={"format": "lines", "licence": "MIT"})
    clean(made.config, made.root / "out", made.root, made.say)
    card = json.loads((made.root / "out/card.json").read_bytes())
    latin, han = 40 * len("documentnumbersayshello"), 11
    assert card["letters"] == {"han": round(han / (han + latin), 4), "latin": round(latin / (han + latin), 4), "other": 0.0}
    assert card["kept_characters"] == sum(len(f"document number {number} says hello") for number in range(40)) + 11
    assert card["kept_bytes"] == card["kept_characters"] + 22 == sum(split["bytes"] for split in card["splits"].values())
    (source,) = card["sources"]
    assert (source["source"], source["licence"], source["files_with_text"], len(source["sha256"])) == ("folder:mine", "MIT", 2, 64)
    readable = (made.root / "out/CARD.md").read_text()
    assert "licence: CC0-1.0" in readable
    assert source["sha256"] in readable
    assert str(made.root) not in readable
