"""Tests of OpenMetrics text, read by Prometheus's own two parsers."""

from dataclasses import replace

from prometheus_client.parser import text_string_to_metric_families as read_old_format

from rcl_flow.report.openmetrics import openmetrics_text
from tests.unit.report.figures import FIGURES, families_of

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: str) -> Samples:
    """Return the values by name and labels, as an OpenMetrics parser reads them."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families_of(text).values()
        for sample in family.samples
    }


def test_parser_reads_the_figures_back() -> None:
    """Each figure has its value, in base units."""
    found = samples(openmetrics_text(FIGURES))
    project = (("project", "shades"),)
    for name, value in {
        "training_seconds": 5400.0,
        "model_running_seconds": 735.0,
        "inference_images": 500.0,
        "throttled_calls": 3.0,
        "cost_estimate_usd": 2.316667,
        "test_f1_ratio": 0.95,
        "holdout_f1_ratio": 0.9125,
        "gap_f1_ratio": -0.0375,
        "run_finished_timestamp_seconds": 1_795_489_200.5,
    }.items():
        assert found[f"rcl_flow_{name}", project] == value


def test_labels_with_any_sign_are_read_back() -> None:
    """A label's name may hold quotes, backslashes and ends of lines."""
    found = samples(openmetrics_text(FIGURES))
    labels = {
        dict(names)["label"]: value
        for (name, names), value in found.items()
        if name == "rcl_flow_holdout_label_f1_ratio"
    }
    assert labels == FIGURES.label_f1


def test_run_is_named_by_one_sample_whose_value_is_one() -> None:
    """Run, version, decision and verdict are text, so they are labels."""
    found = samples(openmetrics_text(FIGURES))
    ((_, labels),) = [key for key in found if key[0] == "rcl_flow_run"]
    assert dict(labels) == {
        "project": "shades",
        "run_id": FIGURES.run_id,
        "version": "rf-0123456789abcdef",
        "decision": "promote",
        "verdict": "generalises",
    }


def test_families_are_gauges_named_by_their_units() -> None:
    """A unit is the end of the name, as the specification wants it."""
    families = list(families_of(openmetrics_text(FIGURES)).values())
    assert {family.type for family in families} == {"gauge"}
    assert all(family.documentation for family in families)
    assert all(family.name.endswith(family.unit) for family in families)
    assert {family.unit for family in families} == {
        *("", "seconds", "images", "calls", "usd", "ratio")
    }


def test_older_parser_reads_the_same() -> None:
    """Node exporter's folder of files takes Prometheus's older text format."""
    text = openmetrics_text(FIGURES)
    old = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in read_old_format(text)
        for sample in family.samples
    }
    assert old == samples(text)


def test_run_without_labels_has_no_empty_family() -> None:
    """Metadata without a sample would be noise."""
    assert "label_f1" not in openmetrics_text(replace(FIGURES, label_f1={}))
