"""Tests of a merged config as text."""

from collections.abc import Sequence

import yaml

from rcl_flow.config import parse_config
from rcl_flow.config.overlays import ConfigText
from rcl_flow.config.published import SCHEMA_LINE
from rcl_flow.config.reading import ReadConfig, read_config_texts
from rcl_flow.config.shown import places_of, shown_config, standalone_config

BASE = """\
project: parts
data:
  description: "cost: $${5}"
  train: {folder: "in ${STAGE}/train"}
  test: {folder: test}
  holdout: {folder: holdout}
inference:
  concurrency: 4
audit:
  recommended_holdout_images: [100, 200]
tags: {team: vision}
"""
OVER = "tags: {team: null}\ninference:\n  concurrency: 9\n"
SHOWN = """\
project: parts  # base.yaml:1
data:
  description: "cost: $${5}"  # base.yaml:3
  train:
    folder: "in dev/train"  # base.yaml:4, ${STAGE}
  test:
    folder: test  # base.yaml:5
  holdout:
    folder: holdout  # base.yaml:6
inference:
  concurrency: 9  # prod.yaml:3
audit:
  recommended_holdout_images: [100, 200]  # base.yaml:10
tags: {}  # prod.yaml:1
gates:
  min_holdout_f1: 0.9  # --set gates.min_holdout_f1"""


def read(overrides: Sequence[str] = ("gates.min_holdout_f1=0.9",)) -> ReadConfig:
    """Read the base with the overlay and an override."""
    files = [ConfigText(BASE, "base.yaml"), ConfigText(OVER, "prod.yaml")]
    return read_config_texts(files, overrides=overrides, environment={"STAGE": "dev"})


def test_every_value_is_shown_with_its_place() -> None:
    """File and line, the variable, or the option."""
    assert shown_config(read()) == SHOWN


def test_what_is_shown_is_the_config() -> None:
    """It can be taken as a file of its own."""
    done = read()
    assert parse_config(shown_config(done), environment={}) == done.config
    assert parse_config(standalone_config(done), environment={}) == done.config


def test_standalone_config_begins_with_the_line_for_editors() -> None:
    """As every config that is written."""
    text = standalone_config(read())
    assert text.partition("\n")[0] == SCHEMA_LINE
    assert yaml.safe_load(text)["data"]["train"] == {"folder": "in dev/train"}


def test_texts_of_several_lines_stay_on_one() -> None:
    """A comment behind them is read as one."""
    done = read(['data.description="a\\n# b: c"'])
    assert parse_config(shown_config(done), environment={}).data.description == "a\n# b: c"


def test_places_are_told_by_path() -> None:
    """For a machine."""
    places = places_of(read())
    assert places["inference.concurrency"] == "prod.yaml:3"
    assert places["gates.min_holdout_f1"] == "--set gates.min_holdout_f1"
    assert places["data.test.folder"] == "base.yaml:5"
