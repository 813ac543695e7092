"""Tests of the list of advice as a whole."""

from rcl_flow.core.scoring.advising import advise
from rcl_flow.core.scoring.comparison import Gap
from tests.unit.core.scoring.holdouts import material
from tests.unit.core.scoring.known_models import LABELS, known, rows, tuning


def test_advice_is_ranked_by_what_it_brings() -> None:
    """The most gain first, what has no estimate last, numbered from 1."""
    holdout = material(
        rows(ant={"bee": 8}, bee={"ant": 8}, cow={"": 100}),
        LABELS,
        training_images={"ant": 60, "bee": 60, "cow": 10, "doe": 60},
    )
    gap = Gap(f1=-0.04, interval=(-0.1, 0.02), verdict="inconclusive", more_images=100)
    advice = advise(known(holdout, tuned=tuning(0.01, 0.06, cow=0.2), gap=gap))
    assert [each.action for each in advice] == ["collect", "merge", "threshold", "holdout"]
    assert [each.rank for each in advice] == [1, 2, 3, 4]
    gains = [each.expected_gain for each in advice]
    assert gains[-1] is None
    known_gains = [gain for gain in gains if gain is not None]
    assert known_gains == sorted(known_gains, reverse=True)
    assert all(each.evidence and each.gain_told for each in advice)


def test_model_without_mistakes_gets_no_advice() -> None:
    """There is nothing to do."""
    assert advise(known(material(rows(), LABELS))) == ()
