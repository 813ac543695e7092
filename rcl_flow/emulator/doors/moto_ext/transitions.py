"""moto's knob for how long states last: `state_manager.set_transition`, in Python and over HTTP.

What a user sets for `rekognition::dataset`, `training`, `starting`, `stopping` or `copying` takes
the place of the emulator's own delay; without it that delay counts.
"""

from typing import Final

from moto.moto_api import state_manager

from rcl_flow.emulator.conditions.clock import Delay

MODELS: Final = {
    "CreateDataset": "rekognition::dataset",
    "UpdateDatasetEntries": "rekognition::dataset",
    "CreateProjectVersion": "rekognition::training",
    "StartProjectVersion": "rekognition::starting",
    "StopProjectVersion": "rekognition::stopping",
    "CopyProjectVersion": "rekognition::copying",
}
OWN: Final = {"progression": "emulator"}
"""The default transition: the emulator's own delay."""


def register_transitions() -> None:
    """Tell moto that there are such states."""
    for model in set(MODELS.values()):
        state_manager.register_default_transition(model, OWN)


def forget_transitions() -> None:
    """Take back what users have set, which would outlive the emulator."""
    for model in set(MODELS.values()):
        state_manager.unset_transition(model)


def chosen_delay(operation: str) -> Delay | None:
    """Return how long what `operation` begins lasts by a user's transition, or None without one.

    As in moto, a manual transition of n times shows the next state at the n-th describe.
    """
    transition = state_manager.get_transition(MODELS.get(operation, ""))
    match transition.get("progression") if operation in MODELS else None:
        case "immediate":
            return Delay()
        case "manual":
            return Delay(polls=max(0, int(transition.get("times", 1)) - 1))
        case "time":
            return Delay(seconds=float(transition.get("seconds", 0)))
        case _:
            return None
