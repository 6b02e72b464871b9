import numpy as np
import pytest

from assay.data.balance.topics import DOCUMENTS_PER_TOPIC, UNIT, _telling, _weigh, topics
from assay.data.order import keyed

SUBJECTS = {
    "sea": "ship sail harbour captain wave anchor storm deck rope whale",
    "kitchen": "bread butter oven flour sugar recipe spoon kettle onion salt",
    "court": "judge jury verdict lawyer appeal trial witness clerk bench oath",
}
COMMON = ["the", "of", "and", "to", "in"]


def document(subject: str, number: int) -> list[str]:
    listed = SUBJECTS[subject].split()
    return COMMON + [listed[keyed(number, subject, place) % len(listed)] for place in range(12)]


def corpus(per_subject: int) -> tuple[list[list[str]], list[str]]:
    owners = [subject for number in range(per_subject) for subject in SUBJECTS]
    return [document(subject, number) for number, subject in enumerate(owners)], owners


def test_texts_of_one_subject_are_of_one_topic_named_by_its_words() -> None:
    documents, owners = corpus(20)
    found = topics(documents)
    assert len(found) == 3
    for topic in found:
        (subject,) = {owners[place] for place in topic.documents}
        assert len(topic.documents) == 20
        assert len(topic.words) == 6
        assert set(topic.words) <= set(SUBJECTS[subject].split())


def test_a_topic_is_named_by_rare_words_before_common_ones() -> None:
    """Half of all texts say "we", those of the sea often; a rarer word of the sea tells more."""
    documents, owners = corpus(20)
    for place, document in enumerate(documents):
        document += ["we"] * (8 if owners[place] == "sea" else place % 4 == 0)
    terms, weights = _weigh(documents)
    assert _telling(weights, terms, np.array([owner == "sea" for owner in owners]))[0] == "rope"


def test_few_documents_have_no_topics_and_one_without_a_telling_word_is_of_none() -> None:
    documents, _ = corpus(20)
    assert topics(documents[: 2 * DOCUMENTS_PER_TOPIC - 1]) == []
    assert topics([]) == topics([[]] * 100) == []
    found = topics([*documents, COMMON, []])
    assert sorted(place for topic in found for place in topic.documents.tolist()) == list(range(60))


@pytest.mark.parametrize("extra", [1, 7])
def test_each_document_is_of_one_topic_and_the_largest_comes_first(extra: int) -> None:
    documents, _ = corpus(70)
    found = topics(documents[: 200 + extra])
    assert len(found) <= 10
    sizes = [len(topic.documents) for topic in found]
    assert sizes == sorted(sizes, reverse=True)
    assert sorted(place for topic in found for place in topic.documents.tolist()) == list(range(200 + extra))


def test_sums_are_whole_numbers_so_that_no_order_of_adding_shows() -> None:
    documents, _ = corpus(20)
    _, weights = _weigh(documents)
    sums = weights.summed(np.zeros(60, dtype=np.int64), 1)
    assert (sums == np.rint(sums)).all()
    squares = np.bincount(weights.rows, weights.values**2)
    assert np.sqrt(squares) == pytest.approx(UNIT, rel=0.01)
