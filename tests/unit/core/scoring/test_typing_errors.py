"""Tests of the summary of all mistakes."""

import numpy as np
import pytest

from rcl_flow.core.scoring.typing_errors import MOST_ERRORS, type_errors
from tests.unit.core.scoring.holdouts import material, random_rows

LABELS = ("ant", "bee", "cow")


def test_summary_of_a_perfect_holdout_is_empty() -> None:
    """No mistake, no kind, no pair."""
    summary = type_errors(material([(["ant"], {"ant": 90.0})] * 3, LABELS))
    assert (summary.errors, summary.kinds, summary.pairs) == ((), (), ())


def test_kinds_are_counted_with_their_gain() -> None:
    """By hand: ant 1 of 3 found, bee 1 of 1 with a false alarm."""
    rows = [
        (["ant"], {"ant": 90.0}),
        (["ant"], {"bee": 60.0}),
        (["ant"], {}),
        (["bee"], {"bee": 90.0}),
    ]
    kinds = {each.kind: each for each in type_errors(material(rows, LABELS)).kinds}
    now = (2 / 4 + 2 / 3) / 2
    assert kinds["confusion"].count == 1
    assert kinds["confusion"].f1_gain == pytest.approx((4 / 5 + 1) / 2 - now)
    assert kinds["miss"].count == 1
    assert kinds["miss"].f1_gain == pytest.approx((4 / 5 + 2 / 3) / 2 - now)


def test_kinds_that_cost_most_come_first() -> None:
    """Gains descend."""
    rows = random_rows(np.random.default_rng(8), LABELS, 60)
    gains = [each.f1_gain for each in type_errors(material(rows, LABELS)).kinds]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] > gains[-1]


def test_mistakes_are_listed_up_to_a_limit_and_counted_beyond() -> None:
    """The surest are kept."""
    count = MOST_ERRORS + 10
    rows = [(["ant"], {"bee": 50 + 49 * n / count}) for n in range(count)]
    summary = type_errors(material(rows, LABELS))
    assert len(summary.errors) == MOST_ERRORS
    assert sum(kind.count for kind in summary.kinds) == count
    assert summary.errors[0].confidence_percent > 98
    assert summary.errors[-1].confidence_percent > 50.0
