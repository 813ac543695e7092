"""Figures of a made-up run, and Prometheus's own parser to read them back."""

from typing import Any

from prometheus_client.openmetrics import parser

from rcl_flow.report.run_figures import RunFigures

FIGURES = RunFigures(
    project="shades",
    run_id="20261124T030000Z-01234567",
    version="rf-0123456789abcdef",
    decision="promote",
    verdict="generalises",
    training_hours=1.5,
    model_running_minutes=12.25,
    inference_images=500,
    throttles=3,
    cost_estimate_usd=2.316667,
    test_f1=0.95,
    holdout_f1=0.9125,
    gap_f1=-0.0375,
    finished_at_seconds=1_795_489_200.5,
    label_f1={"nut": 0.9, 'bo"lt\\\n': 0.925},
)


def families_of(text: str) -> dict[str, Any]:
    """Return the metrics of an exposition by name, as an OpenMetrics parser reads them."""
    untyped: Any = parser
    return {family.name: family for family in untyped.text_string_to_metric_families(text)}
