"""conf/ is what its folders hold, in the order of bytes."""

from collections.abc import Callable

from assay.config.presets import Choice, Conf


def test_groups_and_choices_come_in_byte_order(conf: Conf, write: Callable[[str, str], None]) -> None:
    write("model/Zeta", "")
    write("model/_a", "")
    (conf.folder / "model" / "notes.txt").write_text("no choice")
    groups = Conf(conf.folder).groups
    assert list(groups) == sorted(groups)
    assert groups["model"] == sorted(groups["model"])
    assert groups["model"][:2] == ["Zeta", "_a"]
    assert "notes" not in groups["model"]


def test_a_file_is_read_once(conf: Conf) -> None:
    assert conf.source("model/gpt2") is conf.source("model/gpt2")


def test_a_defaults_list_is_choices_overrides_and_self(conf: Conf, write: Callable[[str, str], None]) -> None:
    write("experiment/mine", "defaults:\n  - base\n  - override /model: gpt2\nseed: 1\n")
    found = Conf(conf.folder).defaults("experiment/mine")
    assert found.entries == [Choice("", "base", "conf/experiment/mine.yaml:2"), Choice("", "_self_", "conf/experiment/mine.yaml")]
    assert found.overrides == [Choice("/model", "gpt2", "conf/experiment/mine.yaml:3")]


def test_a_folder_that_is_not_there_has_no_groups(conf: Conf) -> None:
    nowhere = Conf(conf.folder / "nowhere")
    assert (nowhere.groups, nowhere.roots) == ({}, [])
