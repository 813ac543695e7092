"""Tests of what is thought of a model that may have been left running."""

from datetime import UTC, datetime, timedelta

import pytest

from rcl_flow.core.naming import MANAGED_TAG, RUN_TAG, STOP_AFTER_TAG
from rcl_flow.core.serving.leftovers import judge_model, parse_moment

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
MANAGED = {MANAGED_TAG: "true"}


@pytest.mark.parametrize(
    ("tags", "standing"),
    [
        ({**MANAGED, STOP_AFTER_TAG: "2026-11-24T02:59:59Z"}, "overdue"),
        ({**MANAGED, STOP_AFTER_TAG: "2026-11-24T03:00:00Z"}, "in-time"),
        ({**MANAGED, STOP_AFTER_TAG: "2026-11-24T04:30:00+02:00"}, "overdue"),
        (MANAGED, "unlimited"),
        ({**MANAGED, STOP_AFTER_TAG: "tomorrow"}, "unlimited"),
        ({STOP_AFTER_TAG: "2026-11-24T02:00:00Z"}, "foreign"),
        ({}, "foreign"),
    ],
)
def test_judge_model_by_its_tags(tags: dict[str, str], standing: str) -> None:
    """Only a managed model whose readable time is over is to be stopped."""
    assert judge_model("arn", "RUNNING", tags, NOW).standing == standing


def test_judge_model_keeps_who_started_it_and_until_when() -> None:
    """What the tags say is kept for the person who reads the list."""
    tags = {**MANAGED, RUN_TAG: "r1", STOP_AFTER_TAG: "2026-11-24T05:00:00+02:00"}
    model = judge_model("arn", "STARTING", tags, NOW)
    assert (model.run_id, model.status, model.stop_after) == ("r1", "STARTING", NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-24T03:00:00",
        "x",
        "2026-13-24T03:00:00Z",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:59-10:00",
    ],
)
def test_parse_moment_is_none_when_it_names_no_moment(text: str) -> None:
    """A time without a zone, or no time at all, is not guessed at."""
    assert parse_moment(text) is None


def test_parse_moment_reads_utc() -> None:
    """The form in which the tag is written."""
    assert parse_moment("2026-11-24T03:00:01Z") == NOW + timedelta(seconds=1)
