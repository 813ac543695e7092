"""Tests of mistakes as columns: counting them and taking them back."""

import numpy as np
import pytest

from rcl_flow.core.scoring.metrics import label_ratios
from rcl_flow.core.scoring.mistake_table import KINDS, surest_first, tally_of
from rcl_flow.core.scoring.typing_errors import mistakes_of, positives_of
from tests.unit.core.scoring.holdouts import material, random_rows

LABELS = ("ant", "bee", "cow", "doe")


@pytest.mark.parametrize("seed", range(20))
def test_every_wrong_answer_and_every_miss_is_in_one_mistake(seed: int) -> None:
    """The counts from the mistakes are those of the outcomes."""
    holdout = material(random_rows(np.random.default_rng(seed), LABELS, 30), LABELS)
    outcomes = holdout.labels_answered.at(holdout.thresholds)
    tally = tally_of(mistakes_of(holdout), positives_of(holdout))
    assert tally.hits.tolist() == outcomes.hits.sum(axis=0).tolist()
    assert tally.false_alarms.tolist() == outcomes.false_alarms.sum(axis=0).tolist()
    assert tally.misses.tolist() == outcomes.misses.sum(axis=0).tolist()
    assert tally.f1 == pytest.approx(label_ratios(outcomes).f1[outcomes.judged].mean())


def test_without_any_mistake_f1_is_1() -> None:
    """Taking all of them back leaves nothing wrong."""
    holdout = material(random_rows(np.random.default_rng(5), LABELS, 40), LABELS)
    table = mistakes_of(holdout)
    tally = tally_of(table, positives_of(holdout))
    assert tally.f1 < 1
    assert tally.f1_without(table) == 1


def test_f1_without_a_confusion_mends_both_labels() -> None:
    """The false alarm goes and the missed label is found: by hand, 2/3 and 2/3 become 1 and 1."""
    rows = [(["ant"], {"ant": 90.0}), (["ant"], {"bee": 60.0}), (["bee"], {"bee": 90.0})]
    holdout = material(rows, ("ant", "bee"))
    table = mistakes_of(holdout)
    tally = tally_of(table, positives_of(holdout))
    assert tally.f1 == pytest.approx(2 / 3)
    assert tally.f1_without(table) == 1


def test_f1_without_a_label_suspect_changes_the_annotation() -> None:
    """The image counts for the label that was predicted, and no longer for the annotated one."""
    rows = [(["ant"], {"ant": 90.0}), (["ant"], {"bee": 60.0}), (["bee"], {"ant": 70.0})]
    holdout = material(rows, ("ant", "bee"))
    table = mistakes_of(holdout)
    tally = tally_of(table, positives_of(holdout))
    (place,) = np.flatnonzero(table.images == 1).tolist()
    suspect = np.arange(len(table)) == place
    mended = tally.f1_without(table.suspecting(suspect).rows(suspect))
    # ant: one hit, one false alarm; bee: one hit, one miss
    assert tally.f1 == pytest.approx((2 / 4 + 0) / 2)
    assert mended == pytest.approx((2 / 3 + 2 / 3) / 2)


def test_mix_ups_are_counted_by_direction() -> None:
    """A row is what was true, a column what was said; misses and extras are not in it."""
    rows = [
        (["ant"], {"bee": 60.0}),
        (["ant"], {"bee": 70.0}),
        (["bee"], {"ant": 70.0}),
        (["bee"], {}),
        (["ant"], {"ant": 90.0, "bee": 60.0}),
    ]
    assert mistakes_of(material(rows, ("ant", "bee"))).mixed_up(2).tolist() == [[0, 2], [1, 0]]


def test_surest_mistakes_come_first() -> None:
    """A wrong label by its confidence, a miss by the confidence that it withheld."""
    rows = [(["ant"], {"bee": 60.0}), (["ant"], {"ant": 5.0}), (["bee"], {"ant": 80.0})]
    table = mistakes_of(material(rows, ("ant", "bee")))
    ordered = table.rows(surest_first(table))
    assert ordered.images.tolist() == [1, 2, 0]
    assert [KINDS[kind] for kind in ordered.kinds] == ["miss", "confusion", "confusion"]
