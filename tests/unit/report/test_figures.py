"""Tests of numbers as text."""

from datetime import datetime, timedelta, timezone

import pytest

from rcl_flow.report.figures import (
    format_chance,
    format_change,
    format_change_interval,
    format_count,
    format_interval,
    format_percent,
    format_ratio,
    format_seconds,
    format_threshold,
    format_time,
    format_usd,
)


@pytest.mark.parametrize(("ratio", "text"), [(0.9864, "0.986"), (1.0, "1.000"), (0.0, "0.000")])
def test_format_ratio_writes_three_decimals(ratio: float, text: str) -> None:
    """Scores have three decimals."""
    assert format_ratio(ratio) == text


@pytest.mark.parametrize(
    ("threshold", "text"), [(0.99, "0.990"), (0.99992, "0.9999"), (0.0002, "0.0002"), (1, "1.000")]
)
def test_format_threshold_writes_none_as_zero_or_one(threshold: float, text: str) -> None:
    """What lies between them is told as that."""
    assert format_threshold(threshold) == text


@pytest.mark.parametrize(
    ("change", "text"),
    [(0.0042, "+0.004"), (-0.0318, "-0.032"), (0.0, "0.000"), (-0.0001, "0.000")],
)
def test_format_change_writes_sign_unless_zero(change: float, text: str) -> None:
    """A difference shows its sign, and there is no minus zero."""
    assert format_change(change) == text


def test_format_intervals_write_both_ends() -> None:
    """Intervals are written low end first."""
    assert format_interval((0.978, 0.992)) == "[0.978, 0.992]"
    assert format_change_interval((-0.01, 0.004)) == "[-0.010, +0.004]"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (0.42, "0.4 s"),
        (9.97, "10 s"),
        (59.4, "59 s"),
        (59.7, "1 min 0 s"),
        (75.2, "1 min 15 s"),
        (3599.6, "1 h 0 min"),
        (7500.0, "2 h 5 min"),
        (93_600.0, "26 h 0 min"),
    ],
)
def test_format_seconds_writes_two_largest_units(seconds: float, text: str) -> None:
    """Durations carry over cleanly from one unit to the next."""
    assert format_seconds(seconds) == text


@pytest.mark.parametrize(
    ("dollars", "text"),
    [(0.0, "$0.00"), (0.0021, "$0.0021"), (2.0, "$2.00"), (1234.5, "$1,234.50")],
)
def test_format_usd_never_hides_small_costs(dollars: float, text: str) -> None:
    """A cost below a cent is not written as nothing."""
    assert format_usd(dollars) == text


def test_format_count_and_percent_and_time() -> None:
    """Counts know their plural, percentages one decimal, times are UTC."""
    assert (format_count(1, "image"), format_count(1024, "image")) == ("1 image", "1,024 images")
    assert format_percent(98.24) == "98.2 %"
    east = timezone(timedelta(hours=2))
    assert format_time(datetime(2026, 11, 23, 1, 5, tzinfo=east)) == "2026-11-22 23:05:00 UTC"


@pytest.mark.parametrize(
    ("p_value", "text"),
    [(0.0421, "0.042"), (0.001, "0.001"), (0.0009, "< 0.001"), (0.0, "< 0.001"), (1.0, "1.000")],
)
def test_format_chance_writes_no_zero(p_value: float, text: str) -> None:
    """A p-value is never said to be 0."""
    assert format_chance(p_value) == text
