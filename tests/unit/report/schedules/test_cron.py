"""Tests of cron expressions: which are valid, and what they are for cron and GitHub."""

import pytest

from rcl_flow.errors import ConfigError
from rcl_flow.report.schedules.cron import parse_cron


@pytest.mark.parametrize(
    ("written", "posix"),
    [
        ("cron(0 3 ? * MON *)", "0 3 * * 1"),
        ("cron(0 3 ? * 1 *)", "0 3 * * 0"),
        ("cron(*/15 * * * ? *)", "*/15 * * * *"),
        ("cron(5/20 0 1,15 JAN-MAR ? *)", "5-59/20 0 1,15 1-3 *"),
        ("cron(0 9-17/2 ? * mon-fri *)", "0 9-17/2 * * 1-5"),
        ("cron(0 0 ? 2/3 SUN,SAT *)", "0 0 * 2-12/3 0,6"),
        (" cron(59 23 31 12 ? *) ", "59 23 31 12 *"),
    ],
)
def test_expression_means_the_same_to_cron(written: str, posix: str) -> None:
    """Sunday is 1 for EventBridge and 0 for cron; a start with a step is a range for cron."""
    assert parse_cron(written).posix() == posix


def test_expression_is_kept_for_aws() -> None:
    """EventBridge Scheduler gets what was written, in capitals."""
    assert parse_cron("cron(0 3 ?  * mon *)").aws == "cron(0 3 ? * MON *)"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("0 3 * * 1", "6 fields"),
        ("cron(0 3 * * 1)", "6 fields"),
        ("rate(7 days)", "6 fields"),
        ("cron(0 3 ? * MON *) ; reboot", "6 fields"),
        ("cron(0 3 * * MON *)", "one of the two days"),
        ("cron(0 3 ? * ? *)", "one of the two days"),
        ("cron(60 3 ? * MON *)", "minute cannot be 60"),
        ("cron(? 3 ? * MON *)", "minute cannot be ?"),
        ("cron(0 24 ? * MON *)", "hour cannot be 24"),
        ("cron(0 3 0 * ? *)", "day of the month cannot be 0"),
        ("cron(0 3 ? 13 MON *)", "month cannot be 13"),
        ("cron(0 3 ? * 8 *)", "day of the week cannot be 8"),
        ("cron(0 3 ? * FRI-MON *)", "day of the week cannot be FRI-MON"),
        ("cron(0 3 ? * MON 1969)", "year cannot be 1969"),
        ("cron(*/0 3 ? * MON *)", "minute cannot be */0"),
        ("cron(0,, 3 ? * MON *)", "minute cannot be 0,,"),
    ],
)
def test_what_is_not_valid_is_refused_with_the_reason(written: str, reason: str) -> None:
    """A mistyped schedule is found before anything is deployed."""
    with pytest.raises(ConfigError) as raised:
        parse_cron(written)
    assert reason in raised.value.message


@pytest.mark.parametrize(
    "written",
    [
        "cron(0 3 L * ? *)",
        "cron(0 3 15W * ? *)",
        "cron(0 3 ? * MON#1 *)",
        "cron(0 3 ? * 6L *)",
        "cron(0 3 ? * MON 2027)",
    ],
)
def test_what_only_eventbridge_knows_is_refused_elsewhere(written: str) -> None:
    """The last day of a month, and years, are nothing that cron could say."""
    cron = parse_cron(written)
    assert cron.aws == written
    with pytest.raises(ConfigError, match="only EventBridge Scheduler knows"):
        cron.posix()
