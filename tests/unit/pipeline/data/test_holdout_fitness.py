"""Tests of what is asked of a config and its holdout before anything is paid for."""

import pytest

from rcl_flow.config import FlowConfig
from rcl_flow.core.datasets.dataset import Dataset, Datasets
from rcl_flow.errors import ConfigError
from rcl_flow.pipeline.data.holdout_fitness import require_rules_for_known_labels
from tests.builders import image

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/parts/version/v1/1"
HOLDOUT = Dataset("holdout", (image("a", "dent"), image("b", "rust")))
TRAIN = Dataset("train", (image("c", "dent"),))


def config(label: str, **model: str) -> FlowConfig:
    """Return a config with a rule of its own for the label."""
    rules = {"labels": {label: {"objective": "fixed", "fixed": 0.5}}}
    return FlowConfig.model_validate(
        {
            "project": "parts",
            "data": {split: {"folder": split} for split in ("train", "test", "holdout")},
            "evaluation": {"thresholds": rules},
            "model": model,
        }
    )


def test_rule_for_a_label_that_nothing_is_trained_on_is_refused() -> None:
    """A misspelt label costs no training; one of the holdout alone is no better."""
    require_rules_for_known_labels(config("dent"), Datasets(HOLDOUT, TRAIN))
    for label in ("dnet", "rust"):
        with pytest.raises(ConfigError, match=f"names '{label}', which the training dataset does"):
            require_rules_for_known_labels(config(label), Datasets(HOLDOUT, TRAIN))


def test_labels_of_a_model_that_is_there_are_its_own() -> None:
    """What it knows is asked of it, whatever the config's training images are."""
    require_rules_for_known_labels(config("old"), Datasets(HOLDOUT))
    named = config("old", project_version_arn=ARN)
    require_rules_for_known_labels(named, Datasets(HOLDOUT, TRAIN))
