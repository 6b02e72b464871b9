import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.data.batch import TextBatch
from assay.data.maps import StoredRows
from assay.data.near.candidates import WINDOW
from assay.data.near.clusters import Clusters, clusters
from assay.data.near.settings import NearDedupSettings
from assay.data.near.signatures import signatures
from assay.errors import DataError


@pytest.fixture(scope="module")
def standard_library() -> list[str]:
    """Source files of this Python without its tests, whole ones and in pieces of 40 lines."""
    root = Path(sysconfig.get_path("stdlib"))
    texts = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if not {"test", "tests", "site-packages", "lib2to3", "idlelib"} & set(parts):
            texts.append(path.read_text(encoding="utf-8", errors="replace"))
    lines = [text.splitlines() for text in texts]
    return texts + ["\n".join(each[at : at + 40]) for each in lines for at in range(0, len(each), 40)]


def pair_set(found: Clusters) -> set[tuple[int, int]]:
    return {(one, other) for one, other in found.similar.pairs.tolist()}


@pytest.mark.slow
def test_of_2000_planted_pairs_at_least_98_in_100_are_found_and_no_pair_is_false(
    cluster: Callable[..., Clusters], prose: Callable[..., str], edited: Callable[..., str], oracle: Any, standard_library: list[str]
) -> None:
    originals = [prose(number, 60 + number % 300) for number in range(2800)]
    originals += [text for text in standard_library[-1200:] if len(oracle.units(text)) >= 60]
    changed = [edited(text, number, 1 + number % max(1, len(text.split(" ")) // 32)) for number, text in enumerate(originals)]
    texts = originals + changed
    planted = {
        (number, number + len(originals)) for number in range(len(originals)) if oracle.jaccard(originals[number], changed[number]) >= 0.8
    }
    found = cluster(texts)
    assert len(planted) >= 2000
    assert len(planted - pair_set(found)) <= 0.02 * len(planted)
    assert [pair for pair in pair_set(found) if oracle.jaccard(texts[pair[0]], texts[pair[1]]) < 0.8] == []


def test_documents_of_code_do_not_run_together(cluster: Callable[..., Clusters], oracle: Any, standard_library: list[str]) -> None:
    """Licence headers and imports are alike everywhere: a chain of lucky hashes would join hundreds of files."""
    found = cluster(standard_library)
    sizes = np.bincount(found.representative)
    assert sizes.max() < 0.02 * len(standard_library)
    moved = np.flatnonzero(~found.kept)
    assert len(moved)
    for row in moved.tolist():
        assert oracle.jaccard(standard_library[row], standard_library[found.representative[row]]) >= 0.8


def test_pages_of_one_template_are_not_one_cluster_and_cost_no_square(cluster: Callable[..., Clusters], prose: Callable[..., str]) -> None:
    """Two thirds of each page are alike, so every page is a candidate of every other."""
    frame = prose(0, 400)
    pages = [f"{frame} {prose(number, 90)}" for number in range(1, 2001)]
    found = cluster(pages)
    assert found.kept.all()
    assert found.counted_pairs <= len(pages) * (WINDOW + 1) * 4


def test_a_chain_of_small_changes_is_cut_where_its_end_is_unlike_its_start(
    cluster: Callable[..., Clusters], prose: Callable[..., str], oracle: Any
) -> None:
    """Each text drops the first 4 words of the one before and adds 4: neighbours are alike, the ends have nothing in common."""
    words = prose(1, 400).split()
    texts = [" ".join(words[4 * step : 4 * step + 120]) for step in range(60)]
    found = cluster(texts)
    assert set(found.group.tolist()) == {0}  # one group: no split may cut the chain
    assert 5 <= found.kept.sum() <= 30
    for row, leader in enumerate(found.representative.tolist()):
        assert oracle.jaccard(texts[row], texts[leader]) >= 0.8
    kept = np.flatnonzero(found.kept).tolist()
    assert not [(one, other) for one, other in pair_set(found) if one in kept and other in kept]


def test_the_smallest_id_stays_whatever_the_order_of_the_input(cluster: Callable[..., Clusters], prose: Callable[..., str]) -> None:
    texts = [prose(number // 5, 200) + f" and {number}" for number in range(50)]
    ids = np.array([f"{(number * 37) % 50:032x}" for number in range(50)], dtype="S32")
    first = cluster(texts, ids)
    assert first.kept.sum() == 10
    for number in range(50):
        family = range(number - number % 5, number - number % 5 + 5)
        assert ids[first.representative[number]] == min(ids[other] for other in family)
    order = np.random.default_rng(0).permutation(50)
    second = cluster([texts[row] for row in order], ids[order])
    named = {ids[row]: (ids[first.representative[row]], ids[first.group[row]]) for row in range(50)}
    shuffled = ids[order]
    assert named == {shuffled[row]: (shuffled[second.representative[row]], shuffled[second.group[row]]) for row in range(50)}
    edges = {(ids[one], ids[other]) for one, other in pair_set(first)}
    assert edges == {(shuffled[one], shuffled[other]) for one, other in pair_set(second)}


def test_signatures_made_shard_by_shard_and_read_from_disk_give_the_same_clusters(
    cluster: Callable[..., Clusters], prose: Callable[..., str], tmp_path: Path
) -> None:
    texts = [prose(number // 2, 150) + f" {number}" for number in range(40)]
    whole = cluster(texts)
    settings = NearDedupSettings()
    with (tmp_path / "signatures").open("w+b") as file:
        for start, end in ((0, 1), (1, 18), (18, 40)):
            file.write(signatures(TextBatch.of(texts[start:end]), settings.shingles, settings.permutations, 0).tobytes())
        file.flush()
        stored = StoredRows(file, np.dtype(np.uint32), (40, settings.permutations))
    fetched: list[int] = []

    def text_batch_of(rows: Any) -> TextBatch:
        fetched.append(len(rows))
        assert (np.diff(rows) > 0).all()
        return TextBatch.of([texts[row] for row in rows])

    found = clusters(stored, np.arange(40), np.full(40, 900), text_batch_of, settings, 0)
    assert found.representative.tolist() == whole.representative.tolist() == [number - number % 2 for number in range(40)]
    assert fetched == [40]


def test_texts_of_candidates_are_fetched_a_bounded_number_at_a_time(
    cluster: Callable[..., Clusters], prose: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [prose(number // 3, 100) for number in range(60)]
    whole = cluster(texts)
    monkeypatch.setattr("assay.data.near.overlap.FETCHED_BYTES", 3000)
    monkeypatch.setattr("assay.data.near.candidates.KEYS_BYTES", 1)
    monkeypatch.setattr("assay.data.near.candidates.MEMBERS_AT_ONCE", 5)
    monkeypatch.setattr("assay.data.near.candidates.SIGNATURES_AT_ONCE", 11)
    small = cluster(texts)
    assert small.representative.tolist() == whole.representative.tolist()
    assert small.similar.pairs.tolist() == whole.similar.pairs.tolist()
    assert small.similar.shared.tolist() == whole.similar.shared.tolist()


@pytest.mark.parametrize("texts", [[], [""], ["", "", "!?", "..."], ["one"], ["a", "b", "c"]])
def test_texts_without_words_and_single_texts_are_like_no_other(cluster: Callable[..., Clusters], texts: list[str]) -> None:
    found = cluster(texts)
    assert found.kept.all()
    assert len(found.similar.pairs) == 0


def test_equal_texts_are_similar_however_short(cluster: Callable[..., Clusters]) -> None:
    assert cluster(["Yes!", "no", "yes", "静夜思", "靜夜思", "静，夜思。"], threshold=1.0).representative.tolist() == [0, 1, 0, 3, 4, 3]


def test_an_id_that_two_documents_have_is_refused(cluster: Callable[..., Clusters]) -> None:
    with pytest.raises(DataError, match="expected one document for each id"):
        cluster(["one", "two"], ids=np.array([7, 7]))
