"""Tell how a command ended that can go on: paused between two ticks, or ended by a signal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.interrupts import held_signals
from rcl_flow.pipeline.runs.run import Pause
from rcl_flow.pipeline.runs.signals import Signalled

STILL_RUNNING: Final = 75
FOR_THE_REST: Final = "run the same command again for the rest"


@contextmanager
def told_pauses(console: Console) -> Iterator[None]:
    """Print when the same command is worth running again, where the block pauses.

    Raises:
        typer.Exit: 75.
    """
    try:
        yield
    except Pause as pause:
        console.result(f"Still running: run the same command again in {pause.seconds:.0f} s.")
        console.document(
            {"format_version": 1, "status": "paused", "again_in_seconds": pause.seconds}
        )
        raise typer.Exit(STILL_RUNNING) from None


@contextmanager
def told_signals(console: Console, then: str = "") -> Iterator[None]:
    """Print by which signal the block was ended, what is left, and the command that goes on.

    Args:
        console: where; what its watchers were told says what is left.
        then: something else that is left, as a sentence without a full stop.

    Raises:
        typer.Exit: 128 and the signal's number.
    """
    try:
        yield
    except Signalled as signalled:
        with held_signals(ending=True):
            console.broken_off(str(signalled), then)
        raise typer.Exit(signalled.exit_code) from None
