"""The changes of state that others can be told of; light, since a config is validated with it."""

from typing import Literal

TransitionKind = Literal[
    "run-started",
    "training-finished",
    "model-started",
    "model-stopped",
    "model-not-stopped",
    "run-succeeded",
    "run-failed",
    "run-skipped",
    "champion-promoted",
    "champion-kept",
    "champion-rolled-back",
]
