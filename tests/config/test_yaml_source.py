"""A config file is read as OmegaConf reads it, with lines, and whatever a config must not hold is refused with its line."""

import resource
import time
from pathlib import Path

import pytest
from hydra.plugins.config_source import ConfigSource
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from assay.config.yaml_source import MOST_BYTES, Source, read_yaml


def read(folder: Path, text: str | bytes) -> Source:
    path = folder / "mine.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_yaml(path, "conf/mine.yaml")


def told(source: Source) -> list[str]:
    return [str(problem) for problem in source.problems]


def test_values_come_with_the_line_they_stand_in(tmp_path: Path) -> None:
    source = read(tmp_path, "# note\nn_layer: 2\nsources:\n  - url: a\n    members: [x,\n      y]\n")
    assert source.values == {"n_layer": 2, "sources": [{"url": "a", "members": ["x", "y"]}]}
    assert [source.at(keys) for keys in ((), ("n_layer",), ("sources", 0, "url"), ("sources", 0, "members", 1))] == [
        "conf/mine.yaml",
        "conf/mine.yaml:2",
        "conf/mine.yaml:4",
        "conf/mine.yaml:6",
    ]


@pytest.mark.parametrize(
    "text", ["1e-3", "10_000", "0.1", "true", "off", "null", "~", "2001-01-01", "0x1f", "'5'", "1_0.5", ".5", "-.inf", "a: b", "y", "1:30"]
)
def test_a_value_is_what_omegaconf_takes_it_for(tmp_path: Path, text: str) -> None:
    ours, theirs = read(tmp_path, f"x: {text}\n").values.get("x"), None
    if ": " not in text:
        theirs = OmegaConf.to_container(OmegaConf.create(f"x: {text}\n"))["x"]  # type: ignore[call-overload, index]
    assert (type(ours), ours) == (type(theirs), theirs)


@given(st.text(alphabet="0123456789_.eE+-:xab", min_size=1, max_size=8))
def test_every_number_like_word_is_what_omegaconf_takes_it_for(tmp_path_factory: pytest.TempPathFactory, word: str) -> None:
    text = f"x: {word}\n"
    source = read(tmp_path_factory.mktemp("word"), text)
    try:
        theirs = OmegaConf.to_container(OmegaConf.create(text))
    except Exception:
        return  # OmegaConf refuses it; we may too, or leave it to the check of types
    if not source.problems and isinstance(theirs, dict):
        assert repr(source.values) == repr(theirs)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\na: 2\n", "conf/mine.yaml:2: a is given twice; the first is in line 1"),
        ("a: {b: 1,\n c: 2, b: 3}\n", "conf/mine.yaml:2: a.b is given twice; the first is in line 1"),
        ("a: 1\nb: ${a}\n", "conf/mine.yaml:2: b: interpolation (${...}) is not allowed; write the value"),
        ("a: 1\nb: [x, '${oc.env:HOME}']\n", "conf/mine.yaml:2: b.1: interpolation (${...}) is not allowed; write the value"),
        ("a: &x 1\n", "conf/mine.yaml:1: &x: anchors and aliases are not allowed; write the value out"),
        ("a:\n  <<: {b: 1}\n", "conf/mine.yaml:2: <<: merging is not allowed; write the fields out"),
        (
            "a: 1\nb: !!python/object/apply:os.system [id]\n",
            "conf/mine.yaml:2: 'tag:yaml.org,2002:python/object/apply:os.system': tags are not allowed; write a plain value",
        ),
        ("a: !!int 3\n", "conf/mine.yaml:1: 'tag:yaml.org,2002:int': tags are not allowed; write a plain value"),
        ("1: x\n", "conf/mine.yaml:1: a name must be a word, found '1'"),
        ("on: x\n", "conf/mine.yaml:1: a name must be a word, found 'on'"),
        ("? [a]\n: x\n", "conf/mine.yaml:1: a name must be a word, found a list or mapping"),
        ("- a\n", "conf/mine.yaml:1: the file must be a mapping of fields (name: value)"),
        ("just words\n", "conf/mine.yaml:1: the file must be a mapping of fields (name: value)"),
        ("a: " + "9" * 5000 + "\n", "conf/mine.yaml:1: a: found " + repr("9" * 5000)[:77] + "..., which is not a number Python can hold"),
    ],
)
def test_what_a_config_must_not_hold_is_refused_with_its_line(tmp_path: Path, text: str, line: str) -> None:
    assert told(read(tmp_path, text)) == [line]


@pytest.mark.parametrize(
    "text", ["a: 1\n\tb: 2\n", "a: [1,\n", "a: 1\n b: 2\n", "a: 'x\n", "a: b: c\n", "a: @x\n", "--- 1\n--- 2\n", "a: *x\n", "a: \x07\n"]
)
def test_what_is_not_yaml_is_one_message_with_the_file(tmp_path: Path, text: str) -> None:
    [line] = told(read(tmp_path, text))
    assert line.startswith("conf/mine.yaml")
    assert "not YAML" in line or "aliases are not allowed" in line


def test_a_tab_in_the_indent_is_named(tmp_path: Path) -> None:
    [line] = told(read(tmp_path, "a:\n\tb: 2\n"))
    assert line.startswith("conf/mine.yaml:2: not YAML")
    assert line.endswith("(indent with spaces, not tabs)")


def test_all_faults_of_one_file_are_told(tmp_path: Path) -> None:
    assert len(told(read(tmp_path, "a: 1\na: 2\nb: ${x}\n3: c\n"))) == 3


def test_bytes_that_are_not_utf8_are_refused_with_their_line(tmp_path: Path) -> None:
    assert told(read(tmp_path, b"a: 1\nb: \xff\n")) == ["conf/mine.yaml:2: not UTF-8; save the file in that encoding"]


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    assert told(read_yaml(tmp_path / "none.yaml", "conf/none.yaml")) == ["conf/none.yaml: cannot be read: No such file or directory"]
    assert told(read_yaml(tmp_path, "conf/x.yaml")) == ["conf/x.yaml: cannot be read: Is a directory"]


@pytest.mark.parametrize("text", ["", "# only words\n", "---\n", "null\n"])
def test_an_empty_file_says_nothing(tmp_path: Path, text: str) -> None:
    source = read(tmp_path, text)
    assert (source.values, source.problems) == ({}, [])


@pytest.mark.parametrize(
    ("text", "package"),
    [
        ("# @package _global_\na: 1\n", "_global_"),
        ("\n# @other x\n# @package y\n", "y"),
        ("# words\n# @package _global_\n", None),
        ("a: 1\n# @package x\n", None),
    ],
)
def test_the_package_line_counts_where_hydra_looks_for_it(tmp_path: Path, text: str, package: str | None) -> None:
    assert read(tmp_path, text).package == package == ConfigSource._get_header_dict(text)["package"]


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdef", "bcdefg", strict=True)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "anchors and aliases"),
        ("a: " + "[" * 10_000 + "]" * 10_000, "nested deeper than 32"),
        ("".join(" " * depth + "a:\n" for depth in range(600)), "nested deeper than 32"),
        ("a: 1\n" * (MOST_BYTES // 4), "at most 262,144 bytes"),
        ("a: '" + "x" * 10_000_000 + "'\n", "at most 262,144 bytes"),
        ("a: 1\n" + "".join(f"k{number}: [1, 2, 3]\n" for number in range(6_000)) + "a: 2\n", "given twice"),
    ],
    ids=["alias bomb", "10,000 lists", "600 mappings", "many lines", "10 MB", "6,000 lists"],
)
def test_a_bomb_is_refused_within_a_second_and_little_memory(tmp_path: Path, text: str, words: str) -> None:
    data = text.encode()
    started, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    source = read(tmp_path, data)
    assert words in told(source)[0]
    assert time.process_time() - started < 1
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) * 1024 < 100_000_000
