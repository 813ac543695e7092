"""What every schedule of ticks agrees on: when to go on and when to give up."""

from typing import Final, Literal

from rcl_flow.config import NotificationsConfig

Command = Literal["run", "retrain"]

OVER_CODES: Final = (0, 1, 2, 3, 5, 8, 10, 11)
"""Exit codes after which another tick would only say the same: done, or wrong for good.

Others (AWS not reached, the project taken, a model not confirmed stopped, still running) are
worth another tick.
"""
STILL_RUNNING_CODE: Final = 75
GIVE_UP_SECONDS: Final = 345_600
"""How long after its start a run is ticked on; the state machine has the same time-out."""


def over_pattern() -> str:
    """Return the codes as a pattern of the shell's `case`."""
    return "|".join(map(str, OVER_CODES))


def named_variables(told: NotificationsConfig) -> list[str]:
    """Return the variables of the environment that hold an address, sorted."""
    references = {one for one in (told.slack, told.webhook) if one is not None}
    return sorted(one.removeprefix("env:") for one in references if one.startswith("env:"))
