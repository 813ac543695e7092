"""New labelled images that join a project's datasets, and what a retraining holds on to."""

from rcl_flow.core.values import Frozen


class Pin(Frozen):
    """The contents of a retraining under way: images that arrive meanwhile wait for the next."""

    train: tuple[str, ...]
    """SHA-256 of each content, 64 hexadecimal digits, sorted; as the others."""
    test: tuple[str, ...]
    holdout: tuple[str, ...]
