"""Benchmarks say rightly what they found and whether a goal was reached."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from benchmarks.__main__ import measure
from benchmarks.figures import Figure, Form, Goal, Subject, at_least, at_most, growth
from benchmarks.measuring import compare, ratio_figure
from benchmarks.records import as_json, line, table

NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("goal", "met", "missed"), [(at_least(4), 4.0, 3.99), (at_most(0.25), 0.25, 0.26)]
)
def test_a_goal_is_met_at_its_limit(goal: Goal, met: float, missed: float) -> None:
    """The limit itself is good enough, and a hair beyond it is not."""
    assert Figure("x", met, "x", goal).is_met
    assert Figure("x", missed, "x", goal).is_met is False
    assert Figure("x", float("nan"), "x", goal).is_met is False


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_growth_finds_the_power(power: float) -> None:
    """Costs that are a power of the size give that power."""
    sizes = (1_000, 20_000, 300_000)
    figure = growth("search", sizes, [3e-6 * size**power for size in sizes], at_most(1.15))
    assert figure.measured == pytest.approx(power)
    assert figure.is_met is (power < 2)


def test_a_ratio_is_the_median_of_pairs() -> None:
    """One slow round on one side does not decide."""
    first, second = iter([2.0, 90.0, 2.2]), iter([1.0, 1.0, 1.1])
    found = compare(lambda: next(first), lambda: next(second), rounds=3)
    figure = ratio_figure("ours by theirs", found, "CPU s", at_most(2.5))
    assert figure.measured == 2.0
    assert figure.detail == "2.2 CPU s by 1 CPU s, median of 3"
    assert figure.is_met


@pytest.mark.parametrize(
    ("form", "slow_times", "counted"),
    [("short", 1, 2.0), ("short", 2, 0.5), ("full", 1, 0.5)],
)
def test_a_goal_is_missed_when_it_is_missed_twice(
    form: Form, slow_times: int, counted: float
) -> None:
    """One blurred ratio fails no change; the full form shows what it has seen."""
    ratios = iter([*[0.5] * slow_times, 2.0])

    def measured(_: Form) -> Iterator[Figure]:
        yield Figure("CPU, peer against ours", next(ratios), "x", at_least(1.0))

    found = measure(iter([Subject("search", measured, has_short_form=True)]), form)
    assert [each.measured for each in found["search"]] == [counted]


def test_the_table_and_the_json_say_the_same() -> None:
    """Every figure stands in both, with its goal and verdict."""
    found = {
        "uploads": [Figure("files a second", 9.0, "x", at_least(4), "1,800 by 200")],
        "audit": [Figure("CPU", 1.6, "x", at_most(1.45)), Figure("images", 2970.0, "images")],
    }
    assert "met" in line(found["uploads"][0])
    shown = table(found)
    assert "MISSED" in shown and shown.index("uploads") < shown.index("audit")
    written = json.loads(json.dumps(as_json(found, "full", NOW)))
    assert [(each["measured"], each["met"]) for each in written["figures"]] == [
        (9.0, True),
        (1.6, False),
        (2970.0, None),
    ]
    assert written["machine"]["cores"] >= 1
    assert written["versions"]["numpy"]
