"""Tests of how a model that is kept running is told."""

from dataclasses import replace
from datetime import UTC, datetime

from rcl_flow.cli.hosting import hosted_document, hosted_lines
from rcl_flow.pipeline.serving.hosting import Hosted
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.records import ArmedModel

ARN = "arn:aws:rekognition:eu-west-1:123456789012:project/parts/version/rf-0123456789abcdef/1"
END = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


def hosted(*, is_new: bool = True, group: str = "default") -> Hosted:
    """Return a model with two units that is kept until eight in the evening."""
    armed = ArmedModel(
        project_version_arn=ARN,
        run_id="start-01234567-x",
        backend=Backend(kind="aws", region="eu-west-1", account="123456789012"),
        inference_units=2,
        armed_at=END,
        usd_per_hour=8.0,
        schedule_group=group,
        kept_until=END,
    )
    return Hosted(armed, is_new=is_new)


def test_started_model_is_told_with_end_price_and_the_way_to_stop_it() -> None:
    """Four lines: what runs, until when and by what, for how much, and the command."""
    assert hosted_lines(hosted(), 8.0) == [
        f"RUNNING  {ARN}",
        "    until 2026-11-24 20:00 UTC, by its schedule",
        "    8.00 USD an hour, 64.00 USD until then",
        f"    stop it earlier with: rcl-flow stop {ARN}",
    ]


def test_model_on_the_emulator_is_told_to_be_free() -> None:
    """The price is that of AWS, which nobody pays there."""
    given = hosted()
    emulated = given.armed.backend.model_copy(update={"kind": "emulator"})
    given = replace(given, armed=given.armed.model_copy(update={"backend": emulated}))
    told = "    free here; on AWS 8.00 USD an hour, 64.00 USD until then"
    assert told in hosted_lines(given, 8.0)


def test_model_without_a_schedule_is_told_to_need_a_cron_job() -> None:
    """With the tag alone nothing stops it by itself."""
    assert "cron job" in hosted_lines(hosted(group=""), 8.0)[1]
    assert hosted_document(hosted(group=""), 8.0)["stopped_by"] == "reap"


def test_document_has_the_same_facts() -> None:
    """For a machine: whether it was started or its end moved, units, end and dollars."""
    document = hosted_document(hosted(is_new=False), 2.5)
    assert document == {
        "format_version": 1,
        "status": "moved",
        "project_version_arn": ARN,
        "model_status": "RUNNING",
        "inference_units": 2,
        "kept_until": "2026-11-24T20:00:00+00:00",
        "stopped_by": "schedule",
        "usd_per_hour": 8.0,
        "usd_at_most": 20.0,
    }
    assert "moved" in hosted_lines(hosted(is_new=False), 2.5)[0]
