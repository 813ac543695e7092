"""Tests of reading when AWS answered."""

from datetime import UTC, datetime

import pytest

from rcl_flow.aws.dates import answered_at


def test_answered_at_reads_the_date_header() -> None:
    """The header's form is that of HTTP, in GMT."""
    found = answered_at({"date": "Tue, 24 Nov 2026 22:37:56 GMT"})
    assert found == datetime(2026, 11, 24, 22, 37, 56, tzinfo=UTC)


@pytest.mark.parametrize("headers", [{}, {"date": ""}, {"date": "yesterday"}])
def test_answered_at_is_none_when_no_time_can_be_read(headers: dict[str, str]) -> None:
    """An endpoint that gives no time is no reason to fail."""
    assert answered_at(headers) is None
