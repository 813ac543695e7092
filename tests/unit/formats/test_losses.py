"""Tests of the report of losses."""

from rcl_flow.formats.losses import Loss, LossLog, LossReport


def test_report_counts_and_keeps_the_first_examples() -> None:
    """A place is shown once, and three are enough."""
    log = LossLog()
    for place in ("a", "a", "b", "c", "d"):
        log.note("polygons", place)
    log.note("boxes", "x", count=7)
    log.note("rotation", "x", count=0)
    report = log.report()
    assert report.losses == (Loss("polygons", 5, ("a", "b", "c")), Loss("boxes", 7, ("x",)))
    assert report.count("boxes") == 7
    assert report.count("rotation") == 0
    assert "upright boxes" in report.losses[0].meaning


def test_report_without_losses_is_empty() -> None:
    """Nothing was lost."""
    assert LossLog().report() == LossReport()
