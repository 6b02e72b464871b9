import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from assay.data.clean import clean
from assay.data.near.settings import NearDedupSettings
from assay.data.schema import SourceSchema

Corpus = Callable[..., SimpleNamespace]
LONG = "the old sailor carried a basket of apples near the harbour and the miller followed the narrow road before breakfast in the rain {}"


def card(made: SimpleNamespace) -> dict[str, Any]:
    clean(made.config, made.root / "out", made.root, made.say)
    found: dict[str, Any] = json.loads((made.root / "out/card.json").read_bytes())["balance"]
    return found


@pytest.fixture
def two(corpus: Corpus, lines: bytes) -> Callable[..., SimpleNamespace]:
    """Forty lines in English and ten in Chinese, as two sources."""
    chinese = "".join(f"酒店的服务很好第{number}间房\n" for number in range(10)).encode()

    def make(**cleaning: Any) -> SimpleNamespace:
        sources = [SourceSchema(folder=f"mine/{name}", format="lines", name=name) for name in ("english", "chinese")]
        return corpus({"english/a.txt": lines, "chinese/a.txt": chinese}, data={"sources": sources}, cleaning=cleaning)

    return make


@pytest.mark.parametrize(("cleaning", "of"), [({}, "sample"), ({"languages": ["en", "zh-Hans", "zh", "unknown"]}, "all")])
def test_shares_of_sources_and_languages_are_those_of_what_was_kept(two: Corpus, cleaning: dict[str, Any], of: str) -> None:
    found = card(two(**cleaning))
    english, chinese = found["sources"]
    assert (english["name"], english["documents"], chinese["name"], chinese["documents"]) == ("english", 40, "chinese", 10)
    assert english["share"] == pytest.approx(english["bytes"] / (english["bytes"] + chinese["bytes"]), abs=1e-4)
    assert found["languages"]["of"] == of
    told = found["languages"]["documents"]
    assert told["zh-Hans"] + told.get("zh", 0) == 10
    assert sum(told.values()) == 50


def test_a_corpus_of_source_code_is_in_no_language(corpus: Corpus, lines: bytes) -> None:
    found = card(corpus({"a.txt": lines}, source={"format": "lines"}, data={"language": "code"}))
    assert found["languages"] == {"of": "none", "documents": {}}


def test_near_repeats_are_a_rate_where_they_were_looked_for(corpus: Corpus) -> None:
    texts = [f"{LONG.format(number)} {number % 4} " + f"word{number % 4} " * 40 for number in range(40)]
    content = "\n".join(texts).encode()
    plain = corpus({"a.txt": content}, source={"format": "lines"})
    assert card(plain)["near_repeats"] is None
    assert "not looked for" in (plain.root / "out/CARD.md").read_text()
    settings = NearDedupSettings(threshold=0.6, action="mark")
    found = card(corpus({"a.txt": content}, source={"format": "lines"}, cleaning={"near_dedup": settings}))["near_repeats"]
    assert found["compared"] == 40
    assert found["clusters"] >= 1
    assert found["rate"] == pytest.approx(found["near_repeats"] / 40, abs=1e-4)
    assert 0 < found["near_repeats"] < 40


def test_the_page_and_the_card_tell_topics_and_growth(corpus: Corpus) -> None:
    subjects = ["ship sail harbour captain anchor", "bread butter oven flour sugar"]
    texts = [f"{subjects[number % 2]} {subjects[number % 2].split()[number % 5]} number{number}" for number in range(120)]
    made = corpus({"a.txt": "\n".join(texts).encode()}, source={"format": "lines"})
    found = card(made)
    assert len(found["topics"]) >= 2
    assert sum(topic["documents"] for topic in found["topics"]) == 120
    assert found["vocabulary"]["points"][-1] == [120 * 7, 11]
    for page in ("CARD.md", "report.html"):
        text = (made.root / "out" / page).read_text(encoding="utf-8")
        assert ", ".join(found["topics"][0]["words"]) in text
        assert "11 different words among 840" in text
    assert "<svg" in (made.root / "out/report.html").read_text(encoding="utf-8")
