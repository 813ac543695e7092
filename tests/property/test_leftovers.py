"""Laws of reading the time that a tag holds."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.serving.leftovers import parse_moment

ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(timezones=ZONES)


@given(st.text(max_size=40) | MOMENTS.map(datetime.isoformat))
def test_any_text_is_a_moment_in_utc_or_none(text: str) -> None:
    """What somebody writes into a tag never ends the look at the other models."""
    moment = parse_moment(text)
    assert moment is None or moment.tzinfo is UTC


@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=ZONES)  # noqa: DTZ001  # the zone comes with `timezones`
)
def test_a_moment_is_read_as_it_was_written(moment: datetime) -> None:
    """Whatever the zone, it is the same moment."""
    assert parse_moment(moment.isoformat()) == moment
