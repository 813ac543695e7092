"""Give advice: what to do next, ranked by what it is expected to bring."""

from itertools import chain
from typing import Final

from rcl_flow.core.scoring.advice import Action, Advice
from rcl_flow.core.scoring.collecting import collect
from rcl_flow.core.scoring.judging_advice import (
    enlarge_holdout,
    mend_test_set,
    set_thresholds,
)
from rcl_flow.core.scoring.known import Known
from rcl_flow.core.scoring.labelling import relabel, separate

_ORDER: Final[tuple[Action, ...]] = (
    "collect",
    "merge",
    "relabel",
    "threshold",
    "test set",
    "holdout",
)
"""Of advice that is expected to bring as much, or of which nobody can say."""


def advise(known: Known) -> tuple[Advice, ...]:
    """Return what to do next, the most expected gain in overall F1 first.

    Advice without an estimate comes last; a gain below 0 is none. Gains do not add up: two pieces
    of advice may mend the same mistakes.
    """
    every = chain(
        collect(known),
        relabel(known),
        separate(known),
        set_thresholds(known),
        mend_test_set(known),
        enlarge_holdout(known),
    )
    ordered = sorted(map(_without_loss, every), key=_merit)
    return tuple(
        advice.model_copy(update={"rank": rank}) for rank, advice in enumerate(ordered, start=1)
    )


def _without_loss(advice: Advice) -> Advice:
    """Return the advice without an estimate that nobody would follow it for."""
    gain = advice.expected_gain
    return (
        advice if gain is None or gain >= 0 else advice.model_copy(update={"expected_gain": None})
    )


def _merit(advice: Advice) -> tuple[bool, float, int]:
    gain = advice.expected_gain
    return gain is None, -(gain or 0.0), _ORDER.index(advice.action)
