"""Tests of files that are laid over a config."""

from collections.abc import Sequence

import pytest

from rcl_flow.config.overlays import ConfigText, merge
from rcl_flow.config.reading import ReadConfig, read_config_texts
from rcl_flow.errors import ConfigError

BASE = """\
project: parts
data:
  train: {folder: train}
  test: {folder: test}
  holdout: {folder: holdout}
inference:
  concurrency: 4
  poll_seconds: 9
audit:
  recommended_holdout_images: [100, 200]
tags:
  team: vision
  stage: dev
"""


def read(*overlays: str, overrides: Sequence[str] = (), base: str = BASE) -> ReadConfig:
    """Read the base with overlays named o1.yaml, and so on."""
    files = [ConfigText(text, f"o{number}.yaml") for number, text in enumerate(overlays, start=1)]
    return read_config_texts([ConfigText(base, "base.yaml"), *files], overrides=overrides)


def message_of(*overlays: str, overrides: Sequence[str] = (), base: str = BASE) -> str:
    """Return what is wrong."""
    with pytest.raises(ConfigError) as caught:
        read(*overlays, overrides=overrides, base=base)
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize(
    ("base", "over", "merged"),
    [
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": None}, {}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": 1}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a": {"b": 2, "c": None}}, {"a": {"b": 2}}),
        ({"a": [{"b": 1}]}, {"a": [1]}, {"a": [1]}),
        ({"a": None}, {"b": 1}, {"a": None, "b": 1}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({}, {"a": {"b": {"c": None}}}, {"a": {"b": {}}}),
    ],
)
def test_merge_does_what_rfc_7396_says(
    base: dict[str, object], over: dict[str, object], merged: dict[str, object]
) -> None:
    """Maps key by key, all else replaced, null removed."""
    before = repr(base)
    assert merge(base, over) == merged
    assert repr(base) == before


def test_overlay_wins_where_it_says_something() -> None:
    """Its neighbours stay."""
    config = read("inference: {concurrency: 9}\ntags: {stage: prod}\n").config
    assert (config.inference.concurrency, config.inference.poll_seconds) == (9, 9.0)
    assert config.tags == {"team": "vision", "stage": "prod"}


def test_later_overlay_wins_over_the_earlier_and_set_over_all() -> None:
    """The order is that of the command line."""
    layers = ("inference: {concurrency: 5, poll_seconds: 5}\n", "inference: {concurrency: 6}\n")
    inference = read(*layers).config.inference
    assert (inference.concurrency, inference.poll_seconds) == (6, 5.0)
    assert read(*layers, overrides=["inference.concurrency=7"]).config.inference.concurrency == 7


def test_list_is_replaced() -> None:
    """A list has no keys by which it could be merged."""
    config = read("audit: {recommended_holdout_images: [1, 2]}\n").config
    assert config.audit.recommended_holdout_images == (1, 2)


def test_null_brings_the_default_back() -> None:
    """Of one field, of a whole section, and by `--set`."""
    assert read("inference: {concurrency: null}\n").config.inference.concurrency == 16
    inference = read("inference:\n").config.inference
    assert (inference.concurrency, inference.poll_seconds) == (16, 5.0)
    by_set = read(overrides=["inference.poll_seconds="]).config.inference
    assert (by_set.concurrency, by_set.poll_seconds) == (4, 5.0)


def test_another_format_of_a_set_takes_the_old_one_out() -> None:
    """A set has one format: the overlay says which, and that the other is gone."""
    config = read("data: {holdout: {folder: null, manifest: real.manifest}}\n").config
    assert (config.data.holdout.folder, config.data.holdout.manifest) == (None, "real.manifest")
    told = message_of("data:\n  holdout: {manifest: real.manifest}\n")
    assert told.startswith("o1.yaml:2: data.holdout: give exactly one of ")


def test_overlay_may_be_empty() -> None:
    """All of it may be commented out."""
    assert read("# nothing yet\n", "").config == read().config


@pytest.mark.parametrize("text", ["- a\n", "7\n", "text\n"])
def test_overlay_that_is_no_mapping_is_refused(text: str) -> None:
    """By its own name."""
    assert message_of(text).startswith("o1.yaml:1: a config is a mapping of sections, not ")


def test_overlay_that_contains_itself_is_refused() -> None:
    """Aliases can make a loop, which has no end to merge."""
    assert message_of("tags: &x\n  team: *x\n") == "o1.yaml:1: the config is nested too deeply."


@pytest.mark.parametrize(
    ("overlays", "overrides", "place"),
    [
        (("",), (), "base.yaml:7"),
        (("# one\ninference:\n  concurrency: many\n",), (), "o1.yaml:3"),
        (("inference: {concurrency: many}\n", "tags: {a: b}\n"), (), "o1.yaml:1"),
        (("inference: {concurrency: 1}\n", "\ninference: many\n"), (), "o2.yaml:2"),
        (("inference: {concurrency: 1}\n",), ("inference.concurrency=many",), "--set inference"),
    ],
)
def test_mistake_is_told_with_the_file_it_stands_in(
    overlays: tuple[str, ...], overrides: tuple[str, ...], place: str
) -> None:
    """File and line of the value that counts, not of one that was replaced."""
    base = BASE.replace("concurrency: 4", "concurrency: all")
    assert message_of(*overlays, overrides=overrides, base=base).startswith(place)


def test_unknown_key_is_told_with_the_file_it_stands_in() -> None:
    """A slip in the overlay is not looked for in the base."""
    told = message_of("tags: {a: b}\ninference:\n  concurency: 3\n")
    assert told == "o1.yaml:3: inference.concurency: unknown key; did you mean 'concurrency'?"


def test_missing_field_is_told_with_the_base_or_with_what_took_it_away() -> None:
    """Where something is missing is where it should stand."""
    base = BASE.replace("  holdout: {folder: holdout}\n", "")
    told = "data.holdout: this field is needed."
    assert message_of("tags: {a: b}\n", base=base) == f"base.yaml:2: {told}"
    assert message_of("data:\n  holdout:\n") == f"o1.yaml:2: {told}"


def test_mistake_in_a_replaced_list_is_told_with_the_overlay() -> None:
    """Entries of the base's list are gone."""
    base = BASE.replace("[100, 200]", "\n  - 100\n  - 200")
    told = message_of("audit:\n  recommended_holdout_images: [1, x]\n", base=base)
    assert told.startswith("o1.yaml:2: audit.recommended_holdout_images.1: input should be")


def test_aliases_of_an_overlay_are_merged_once() -> None:
    """Each of 60 levels stands twice in the next: as many maps as levels, not 2 to their power."""
    levels = ["a0: &a0 {x: 1, y: null}"]
    levels += [f"a{n}: &a{n} {{l: *a{n - 1}, r: *a{n - 1}}}" for n in range(1, 60)]
    assert message_of("\n".join(levels)).startswith("o1.yaml:1: a0: unknown key")
