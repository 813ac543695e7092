"""How many inference units to start: a unit answers at its own pace and is billed by the hour."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnitsChoice:
    """A number of inference units and what comes of it."""

    units: int
    expected_seconds: float
    """Until the last image is answered; a restart, where one is needed, is in it."""
    meets_deadline: bool


def choose_units(
    images: int, images_per_second_per_unit: float, deadline_seconds: float, max_units: int
) -> UnitsChoice:
    """Return the fewest units that meet the deadline, or all when even they do not.

    Twice the units take half the time, so every number costs the same for the images; each unit
    more only adds to what the start and the stop cost.

    Args:
        images: how many have to be answered.
        images_per_second_per_unit: above 0.
        deadline_seconds: how long that may take.
        max_units: the account's quota of a model, at least 1.
    """
    for_one = images / images_per_second_per_unit
    if for_one > deadline_seconds * max_units:
        units = max_units
    else:
        units = min(max_units, max(1, math.ceil(for_one / deadline_seconds) if for_one else 1))
    if units < max_units and for_one / units > deadline_seconds:
        units += 1  # the division was rounded down
    seconds = for_one / units
    return UnitsChoice(units, seconds, seconds <= deadline_seconds)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an inference stands after its first images."""

    images_left: int
    images_per_second_per_unit: float
    """As it was measured; above 0."""
    units: int
    seconds_left: float
    """Until the deadline."""


def replan(progress: Progress, max_units: int, restart_seconds: float) -> UnitsChoice | None:
    """Return the units to restart the model with, or None when going on is better.

    The number of units of a running model cannot be changed: it has to stop and start again.
    Source: developer guide, "Starting an Amazon Rekognition Custom Labels model" (2026-11-23).

    Args:
        progress: where the inference stands.
        max_units: the account's quota of a model.
        restart_seconds: how long no image is answered meanwhile.
    """
    pace = progress.images_per_second_per_unit
    seconds = progress.images_left / (pace * progress.units)
    if seconds <= progress.seconds_left or progress.units >= max_units:
        return None
    choice = choose_units(
        progress.images_left, pace, progress.seconds_left - restart_seconds, max_units
    )
    restarted = UnitsChoice(
        choice.units, choice.expected_seconds + restart_seconds, choice.meets_deadline
    )
    return restarted if restarted.expected_seconds < seconds else None
