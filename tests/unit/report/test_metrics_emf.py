"""Tests of the embedded metric format, against the rules of its specification."""

import json
from dataclasses import replace
from typing import Any

import pytest

from rcl_flow.report.metrics_emf import emf_line
from tests.unit.report.figures import FIGURES

UNITS = {"Seconds", "Microseconds", "Milliseconds", "Bytes", "Percent", "Count", "None"}
"""Of CloudWatch's units those that could fit. Source: CloudWatch API reference, MetricDatum."""
MOST_BYTES = 1_000_000
MOST_METRICS, MOST_DIMENSIONS = 100, 30
"""Source: CloudWatch user guide, "Specification: Embedded metric format"."""


def require_emf(line: str) -> dict[str, Any]:
    """Return the object of a line that keeps every rule of the specification."""
    assert "\n" not in line
    assert len(line.encode()) < MOST_BYTES
    document: dict[str, Any] = json.loads(line)
    metadata = document["_aws"]
    assert set(metadata) == {"Timestamp", "CloudWatchMetrics"}
    assert isinstance(metadata["Timestamp"], int)
    for directive in metadata["CloudWatchMetrics"]:
        assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
        assert 0 < len(directive["Namespace"]) < 256
        assert 0 < len(directive["Metrics"]) <= MOST_METRICS
        for dimensions in directive["Dimensions"]:
            assert len(dimensions) <= MOST_DIMENSIONS
            for name in dimensions:
                assert isinstance(document[name], str)
                assert 0 < len(document[name]) <= 1024
        for metric in directive["Metrics"]:
            assert set(metric) <= {"Name", "Unit", "StorageResolution"}
            assert metric["Unit"] in UNITS
            assert isinstance(document[metric["Name"]], int | float)
    return document


def test_line_keeps_the_specification_and_holds_the_figures() -> None:
    """CloudWatch makes of it what a person would read off the report."""
    document = require_emf(emf_line(FIGURES))
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "RclFlow"
    assert directive["Dimensions"] == [["Project"]]
    values = {metric["Name"]: document[metric["Name"]] for metric in directive["Metrics"]}
    assert values == {
        "TrainingHours": 1.5,
        "ModelRunningMinutes": 12.25,
        "InferenceImages": 500,
        "Throttles": 3,
        "HoldoutF1": 0.9125,
        "CostEstimateUsd": 2.316667,
    }
    assert document["_aws"]["Timestamp"] == 1_795_489_200_500


def test_run_is_a_property_and_no_dimension() -> None:
    """A metric for each run would be paid for each run."""
    document = require_emf(emf_line(FIGURES))
    assert document["RunId"] == FIGURES.run_id
    assert document["Project"] == "shades"


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_figure_that_is_no_number_is_refused(bad: float) -> None:
    """JSON has none, and CloudWatch would drop the whole line without a word."""
    with pytest.raises(ValueError, match="JSON"):
        emf_line(replace(FIGURES, holdout_f1=bad))
