"""Merged values know who set each of them, also after lists are replaced and values taken away."""

from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from omegaconf import OmegaConf
from omegaconf.errors import ConfigTypeError

from assay.config.tree import DEFAULT_PRESET, ROOT_FILE, Tree
from assay.config.yaml_source import Source

NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.none() | st.integers(0, 9) | st.lists(st.integers(0, 9), max_size=2),
    lambda inner: st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
FILES = st.lists(st.dictionaries(NAMES, VALUES, max_size=3), max_size=4)


def merged(files: list[dict[str, Any]]) -> Tree:
    tree = Tree("train")
    for number, values in enumerate(files):
        tree.merge_file(Source(f"file {number}", values), ROOT_FILE)
    return tree


@given(FILES)
def test_values_merge_as_in_omegaconf(files: list[dict[str, Any]]) -> None:
    try:
        theirs = OmegaConf.to_container(OmegaConf.merge(*map(OmegaConf.create, files)) if files else OmegaConf.create())
    except ConfigTypeError:  # a mapping over a list: no field of ours may be either
        reject()
    assert merged(files).values == theirs


@given(FILES)
def test_every_leaf_is_placed_in_the_last_file_that_holds_it(files: list[dict[str, Any]]) -> None:
    tree = merged(files)

    def leaves(value: Any, keys: tuple[str, ...] = ()) -> Any:
        if isinstance(value, dict) and value:
            for key, inner in value.items():
                yield from leaves(inner, (*keys, key))
        elif keys:
            yield keys, value

    for keys, value in leaves(tree.values):
        if not isinstance(value, dict):
            place = tree.place(keys)
            holder: Any = files[int(place.removeprefix("file "))]
            for key in keys:
                holder = holder[key]
            assert holder == value


def test_an_override_reaches_into_lists() -> None:
    tree = merged([{"a": [{"b": 1}, {"b": 2}]}])
    tree.set(("a", "1", "b"), 5, "override a.1.b=5")
    assert tree.values == {"a": [{"b": 1}, {"b": 5}]}
    assert tree.place(("a", 1, "b")) == "override a.1.b=5"
    assert tree.place(("a", 0, "b")) == "file 0"


def test_a_replaced_list_forgets_the_places_of_the_old_one() -> None:
    tree = merged([{"a": {"b": [1, 2, 3]}}, {"a": {"b": [4]}}])
    assert tree.place(("a", "b", 0)) == "file 1"
    assert ("a", "b", 2) not in tree.history


def test_what_is_taken_away_is_placed_where_it_was_taken_away() -> None:
    tree = merged([{"a": {"b": 1}}])
    tree.remove(("a", "b"), None, "override ~a.b")
    assert (tree.values, tree.place(("a", "b"))) == ({"a": {}}, "override ~a.b")
    tree.set(("a", "b"), 2, "override a.b=2")
    assert tree.place(("a", "b")) == "override a.b=2"


@pytest.mark.parametrize("keys", [("model",), ("model", "n_head"), ("data", "sources", 0, "url")])
def test_what_nobody_set_is_placed_in_the_file_that_ought_to(keys: tuple[str | int, ...]) -> None:
    tree = Tree("train", choice_places={"model": "conf/model/mine.yaml"})
    tree.merge_file(Source("conf/data/mine.yaml", {"sources": [{}]}), DEFAULT_PRESET, ("data",))
    expected = {"model": "conf/model/mine.yaml", "data": "conf/data/mine.yaml"}
    assert tree.place(keys) == expected[str(keys[0])]


def test_the_merged_values_are_no_part_of_the_file_they_came_from() -> None:
    source = Source("file", {"a": {"b": [1]}})
    tree = Tree("train")
    tree.merge_file(source, ROOT_FILE)
    tree.set(("a", "b", 0), 9, "override")
    assert source.values == {"a": {"b": [1]}}, "the file is kept for the next job of a sweep"
