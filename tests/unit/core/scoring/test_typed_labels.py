"""Tests of the kinds of mistakes in image-level labels."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from rcl_flow.core.scoring.comparison import compare
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.judging import NOTHING
from rcl_flow.core.scoring.typing_errors import type_errors
from tests.unit.core.scoring.holdouts import material, random_rows

LABELS = ("ant", "bee", "cow", "doe")
Typed = list[tuple[str, str, str, float]]


def typed(truth: Sequence[str], said: Mapping[str, float]) -> Typed:
    """Return kind, truth, prediction and confidence of the mistakes in one image."""
    summary = type_errors(material([(truth, said), (["ant"], {"ant": 99.0})], LABELS))
    return [(e.kind, e.truth, e.predicted, e.confidence_percent) for e in summary.errors]


@pytest.mark.parametrize(
    ("truth", "said", "mistakes"),
    [
        (["ant"], {"ant": 50.0}, []),
        (["ant"], {"ant": 20.0, "bee": 70.0}, [("confusion", "ant", "bee", 70)]),
        (["ant"], {"ant": 49.9}, [("miss", "ant", "", 49.9)]),
        (["ant"], {}, [("miss", "ant", "", 0)]),
        ([], {"bee": 70.0}, [("background", "", "bee", 70)]),
        (["ant"], {"ant": 90.0, "bee": 60.0}, [("background", "", "bee", 60)]),
        (
            ["ant"],
            {"bee": 60.0, "cow": 70.0},
            [("confusion", "ant", "cow", 70), ("confusion", "ant", "bee", 60)],
        ),
        (
            ["ant", "bee"],
            {"ant": 40.0, "bee": 10.0, "cow": 70.0},
            [("confusion", "bee", "cow", 70), ("miss", "ant", "", 40)],
        ),
        (
            ["ant", "bee"],
            {"ant": 40.0, "bee": 10.0, "cow": 70.0, "doe": 90.0},
            [("confusion", "bee", "doe", 90), ("confusion", "ant", "cow", 70)],
        ),
    ],
)
def test_kind_of_each_mistake(truth: list[str], said: dict[str, float], mistakes: Typed) -> None:
    """The surest wrong label is confused with the label that was missed most clearly."""
    assert typed(truth, said) == mistakes


def test_confusions_are_those_of_the_comparison() -> None:
    """For images of one label, what is typed as a confusion is a cell of the confusion table."""
    rng = np.random.default_rng(1)
    rows = [([truth[0]], said) for truth, said in random_rows(rng, LABELS, 200) if truth]
    holdout = material(rows, LABELS)
    comparison = compare(holdout.evaluation, holdout.judged, EvaluationRules(resamples=200), rng)
    cells = {
        (cell.truth, cell.predicted): cell.count
        for cell in comparison.confusion
        if NOTHING not in (cell.truth, cell.predicted) and cell.truth != cell.predicted
    }
    counted: dict[tuple[str, str], int] = {}
    for error in type_errors(holdout).errors:
        if error.truth and error.predicted:
            key = error.truth, error.predicted
            counted[key] = counted.get(key, 0) + 1
    assert counted == cells
    assert sum(cells.values()) > 50
