"""Tests of old names of fields, with entries made up for them."""

from collections.abc import Sequence

import pytest

from rcl_flow.config.deprecations import DEPRECATIONS, Deprecation
from rcl_flow.config.overlays import ConfigText
from rcl_flow.config.reading import ReadConfig, read_config_texts
from rcl_flow.config.schema import FlowConfig
from rcl_flow.errors import ConfigError

BASE = """\
project: parts
data:
  train: {folder: train}
  test: {folder: test}
  holdout: {folder: holdout}
"""
MADE_UP = (
    Deprecation("inference.parallel", "inference.concurrency", "0.2.0"),
    Deprecation("training_hours", "training.timeout_hours", "0.3.0", "It counts hours still."),
    Deprecation("cache", None, "0.3.0", "Images are always kept."),
    Deprecation("labels", "tags", "0.4.0"),
)


def read(*texts: str, overrides: Sequence[str] = ()) -> ReadConfig:
    """Read the base with more of it, and overlays, where fields have had other names."""
    first, *others = texts or ("",)
    files = [ConfigText(BASE + first, "c.yaml"), *(ConfigText(one, "o.yaml") for one in others)]
    return read_config_texts(files, overrides=overrides, deprecations=MADE_UP)


def test_old_name_is_read_with_a_warning() -> None:
    """A config of an earlier version works, and says what to change."""
    done = read("inference: {parallel: 3, poll_seconds: 2}\n")
    assert (done.config.inference.concurrency, done.config.inference.poll_seconds) == (3, 2.0)
    assert done.warnings == ("c.yaml:6: inference.parallel is inference.concurrency since 0.2.0.",)


def test_field_moves_to_a_section_that_the_file_lacks() -> None:
    """The note follows the change."""
    done = read("training_hours: 5\n")
    assert done.config.training.timeout_hours == 5.0
    assert done.warnings == (
        "c.yaml:6: training_hours is training.timeout_hours since 0.3.0. It counts hours still.",
    )


def test_removed_field_is_ignored_with_a_warning() -> None:
    """It says why."""
    done = read("cache: true\n")
    assert done.config == read().config
    assert done.warnings == ("c.yaml:6: cache is ignored since 0.3.0. Images are always kept.",)


def test_section_moves_with_all_that_is_in_it() -> None:
    """A mistake in it is told at its line, under today's name."""
    assert read("labels:\n  team: a\n").config.tags == {"team": "a"}
    with pytest.raises(ConfigError, match=r"^c.yaml:7: tags.team: input should be"):
        read("labels:\n  team: [a]\n")


def test_old_name_in_the_base_gives_way_to_the_new_one_in_an_overlay() -> None:
    """And the other way round: each file is renewed before it is laid over another."""
    newer = read("inference: {parallel: 3}\n", "inference: {concurrency: 5}\n")
    older = read("inference: {concurrency: 3}\n", "inference: {parallel: 5}\n")
    assert newer.config.inference.concurrency == older.config.inference.concurrency == 5
    assert older.warnings[0].startswith("o.yaml:1: ")


def test_both_names_in_one_file_are_refused() -> None:
    """Which one counts is for the user to say."""
    with pytest.raises(ConfigError) as caught:
        read("inference:\n  parallel: 3\n  concurrency: 4\n")
    assert caught.value.message == (
        "c.yaml:7: inference.parallel is the old name of inference.concurrency, which is given as "
        "well (line 8)."
    )
    assert caught.value.hint == "Remove inference.parallel."


def test_override_takes_old_names_too() -> None:
    """Commands in scripts and crontabs go on."""
    done = read(overrides=["inference.parallel=3", "labels.team=a", "cache=1"])
    assert (done.config.inference.concurrency, done.config.tags) == (3, {"team": "a"})
    assert [told.partition(": ")[0] for told in done.warnings] == [
        "--set inference.parallel",
        "--set labels.team",
        "--set cache",
    ]


def test_override_follows_a_field_that_was_renamed_twice() -> None:
    """As a file's field does, by the same two entries."""
    twice = (
        Deprecation("inference.parallel", "inference.calls", "0.2.0"),
        Deprecation("inference.calls", "inference.concurrency", "0.3.0"),
    )
    texts = [ConfigText(BASE + "inference: {parallel: 3}\n", "c.yaml")]
    assert read_config_texts(texts, deprecations=twice).config.inference.concurrency == 3
    done = read_config_texts(texts, overrides=["inference.parallel=4"], deprecations=twice)
    assert done.config.inference.concurrency == 4
    assert done.warnings[2:] == (
        "--set inference.parallel: inference.parallel is inference.calls since 0.2.0.",
        "--set inference.parallel: inference.calls is inference.concurrency since 0.3.0.",
    )


def test_null_under_an_old_name_is_a_value_too() -> None:
    """In an overlay it brings the default back."""
    assert (
        read("inference: {concurrency: 3}\n", "inference: {parallel: }\n").config == read().config
    )


def test_shared_alias_is_left_as_it_is() -> None:
    """Moving a field changes one place, not all that share it."""
    text = "inference: &x {parallel: 3}\ntraining: *x\n"
    with pytest.raises(ConfigError, match=r"^c.yaml:7: training.parallel: unknown key"):
        read(text)


def test_table_names_fields_that_are_there_today() -> None:
    """A successor exists, an old name does not; what has no successor says why."""
    for one in DEPRECATIONS:
        assert one.new is not None or one.note
        assert field_exists(one.old) is False
        assert one.new is None or field_exists(one.new)
    assert field_exists("inference.concurrency")
    assert not field_exists("inference.parallel")


def field_exists(path: str) -> bool:
    """Say whether the config has such a field."""
    section: object = FlowConfig
    for name in path.split("."):
        fields = getattr(section, "model_fields", {})
        if name not in fields:
            return False
        section = fields[name].annotation
    return True
