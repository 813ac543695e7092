"""Tests of the order of labels."""

from rcl_flow.report.label_rows import label_axis, label_rows, worst_first
from tests.unit.report.pages import Scenario, build_comparison


def test_worst_first_orders_by_gap_with_unjudged_last() -> None:
    """The largest fall is at the top, what nobody knows at the bottom."""
    labels = worst_first(build_comparison(Scenario(unjudged=("0",), holdout_accuracy=0.8)).labels)
    gaps = [entry.gap.f1 for entry in labels if entry.gap is not None]
    assert gaps == sorted(gaps)
    assert (labels[-1].label, labels[-1].gap) == ("0", None)


def test_label_rows_have_bar_unless_unjudged() -> None:
    """A label without holdout images has nothing to draw."""
    labels = build_comparison(Scenario(unjudged=("4",))).labels
    rows = label_rows(labels, label_axis(labels))
    assert {row.entry.label for row in rows if row.bar is None} == {"4"}


def test_label_axis_holds_every_score() -> None:
    """No interval leaves the axis."""
    labels = build_comparison(Scenario(holdout_accuracy=0.6)).labels
    axis = label_axis(labels)
    lows = [entry.holdout.f1_interval[0] for entry in labels if entry.holdout is not None]
    assert axis.low <= min(lows)
    assert axis.high == 1.0


def test_rows_are_tagged_for_the_filter() -> None:
    """By verdict, by the gate, and by how few images there are."""
    comparison = build_comparison(Scenario(labels=("cat", "dog", "owl"), unjudged=("owl",)))
    cat, dog, owl = comparison.labels
    assert cat.holdout is not None
    assert cat.gap is not None
    assert dog.gap is not None
    few = cat.holdout.model_copy(update={"note": "3 images: nothing certain.", "f1": 0.5})
    labels = (cat.model_copy(update={"holdout": few}), dog, owl)
    rows = label_rows(labels, label_axis(labels), least_f1=0.6, average_precision={"cat": 0.75})
    told = {row.entry.label: (row.tags, row.average_precision) for row in rows}
    assert told == {
        "cat": ((cat.gap.verdict, "below", "few"), 0.75),
        "dog": ((dog.gap.verdict,), None),
        "owl": (("unknown",), None),
    }
