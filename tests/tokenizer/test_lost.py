"""How a loss of text is kept and told."""

from assay.tokenizer.lost import Lost


def test_facts_of_what_lost_nothing_need_not_be_there() -> None:
    assert Lost.of({"tokens": 3}) == Lost()
    assert not Lost()
    assert Lost.of(Lost(1, 20, 3).facts()) == Lost(1, 20, 3)


def test_a_loss_is_told_in_documents_bytes_and_unknown_tokens() -> None:
    sizes = {"documents": 2000, "utf8_bytes": 50_000, "tokens": 400}
    assert Lost(1200, 4321, 100).said(sizes) == (
        "1,200 of 2,000 documents (4,321 of 50,000 bytes) do not come back from their tokens, 25.00% of the tokens are unknown"
    )
