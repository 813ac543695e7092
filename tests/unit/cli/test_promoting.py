"""Tests of what a promotion tells a person."""

import pytest

from rcl_flow.cli.promoting import promotion_lines
from rcl_flow.core.promotion.decision import Reason
from rcl_flow.pipeline.promotion.outcome import PromotionOutcome, PromotionStatus

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1"
FIRST = "The project has no other champion."


@pytest.mark.parametrize(
    ("status", "event", "told"),
    [
        ("promoted", 1, [f"reason    {FIRST}"]),
        ("unchanged", 0, [f"reason    {FIRST}"]),
        (
            "unchanged",
            1,
            [
                "reason    Decision 1 of the project was about the same, and is not made again.",
                "          Its reason of then:",
                f"          {FIRST}",
            ],
        ),
    ],
)
def test_reason_of_an_earlier_decision_is_told_as_such(
    status: PromotionStatus, event: int, told: list[str]
) -> None:
    """Another model may have become champion since: what was true then is not said of now."""
    outcome = PromotionOutcome(
        project="p",
        status=status,
        run_id="r",
        project_version_arn=ARN,
        reasons=(Reason(gate="champion", message=FIRST),),
        event=event,
    )
    lines = "\n".join(promotion_lines(outcome)).splitlines()
    assert [line for line in lines[2:] if not line.startswith("serving")] == told
