"""Changes of a dataset's entries that take time: in progress first, then complete or failed."""

import logging
from collections.abc import Callable, Sequence
from typing import Literal

from rcl_flow.emulator.conditions.clock import Delay, Step
from rcl_flow.emulator.conditions.executors import capture
from rcl_flow.emulator.data.catalogue import SERVICE_ISSUE
from rcl_flow.emulator.data.imports import ImportedManifest
from rcl_flow.emulator.service.state import Context, Dataset

logger = logging.getLogger(__name__)

Kind = Literal["CREATE", "UPDATE"]
Load = Callable[[], ImportedManifest]
"""What brings all entries that a dataset shall have, or the text of the error that refuses them."""

DOING = {"CREATE": "created", "UPDATE": "updated"}


def begin_change(dataset: Dataset, kind: Kind, load: Load, *, delay: Delay, message: str) -> None:
    """Let the dataset be in progress, and then have what `load` brings.

    Args:
        dataset: It keeps its entries if `load` refuses them or breaks.
        kind: The first word of its states.
        load: Called once, at the end.
        delay: How long it takes.
        message: The status message of success.
    """
    dataset.message, dataset.message_code = f"The dataset is being {DOING[kind]}.", None
    finish = Step(delay, enter=lambda due: _finish(dataset, kind, load, message, due=due))
    dataset.timeline.move(f"{kind}_IN_PROGRESS", finish)


def begin_update(
    context: Context, operation: str, loads: Sequence[tuple[Dataset, Load]], *, message: str
) -> None:
    """Update datasets together; a scripted fault of `operation` concerns all of them."""
    fails = context.world.faults.fails_later(operation)
    delay = context.delay(operation, context.world.delays.dataset)
    for dataset, load in loads:
        chosen = fail_on_purpose if fails else load
        begin_change(dataset, "UPDATE", chosen, delay=delay, message=message)


def fail_on_purpose() -> ImportedManifest:
    """Bring what a scripted fault asks for: an issue of the service."""
    return ImportedManifest(error=SERVICE_ISSUE)


def _finish(dataset: Dataset, kind: Kind, load: Load, message: str, *, due: float) -> str:
    outcome = capture(load)
    dataset.updated_at = due
    if (error := outcome.exception()) is not None:
        logger.error("a dataset failed", exc_info=error, extra={"dataset": dataset.arn})
        dataset.message, dataset.message_code = SERVICE_ISSUE, "SERVICE_ERROR"
        return f"{kind}_FAILED"
    brought = outcome.result()
    if brought.error is not None:
        code = "SERVICE_ERROR" if brought.error == SERVICE_ISSUE else "CLIENT_ERROR"
        dataset.message, dataset.message_code = brought.error, code
        return f"{kind}_FAILED"
    dataset.entries = list(brought.entries)
    dataset.message, dataset.message_code = message, "SUCCESS"
    return f"{kind}_COMPLETE"
