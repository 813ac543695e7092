"""Tests of whether the last run's advice was followed and paid."""

from collections.abc import Mapping

import pytest

from rcl_flow.core.scoring.advice import Action, Advice, PastAdvice
from rcl_flow.core.scoring.comparison import Comparison, Gap, LabelComparison, Score
from rcl_flow.core.scoring.past_advice import HoldoutNow, judge_past_advice
from tests.builders import comparison


def advice(action: Action, *labels: str, images_wanted: int = 0, **values: object) -> Advice:
    """Return a piece of advice of the last run."""
    whole = {
        "rank": 1,
        "action": action,
        "labels": labels,
        "images_wanted": images_wanted,
        "told": "do it",
        "evidence": (),
        "practice": "D1",
    }
    return Advice.model_validate(whole | values)


def score(f1: float, *, half: float = 0.05, images: int = 500) -> Score:
    """Return a score whose interval reaches `half` to both sides."""
    return Score(images=images, precision=f1, recall=f1, f1=f1, f1_interval=(f1 - half, f1 + half))


def judged(holdout: Score, *, chosen: float | None = None, **label_f1: float) -> Comparison:
    """Return a comparison with the holdout's scores."""
    whole = comparison(holdout, label_f1=dict.fromkeys(label_f1))
    labels = tuple(
        LabelComparison(
            label=label,
            assumed_threshold=0.5,
            test=score(0.9),
            holdout=score(f1),
            gap=None,
            chosen_threshold=chosen,
        )
        for label, f1 in label_f1.items()
    )
    return whole.model_copy(update={"labels": labels})


BEFORE = judged(score(0.70), dent=0.61, ding=0.79)
AFTER = judged(score(0.80), dent=0.78, ding=0.80)


def past(
    given: Advice,
    *,
    before: Comparison = BEFORE,
    after: Comparison = AFTER,
    images: Mapping[str, int] | None = None,
    same_holdout: bool = True,
    holdout_images: int = 0,
) -> PastAdvice:
    """Judge one piece of advice; before, each label had 20 training images."""
    (only,) = judge_past_advice(
        [given],
        before,
        after,
        training_images_before={"dent": 20, "ding": 20},
        training_images_after=images or {"dent": 20, "ding": 20},
        holdout=HoldoutNow(same_holdout, holdout_images),
    )
    return only


def test_images_that_were_collected_paid() -> None:
    """The whole interval of the change is above zero."""
    told = past(advice("collect", "dent", images_wanted=40), images={"dent": 58, "ding": 20})
    assert told.followed is True
    assert told.told == (
        "dent: 38 training images more; F1 from 0.61 to 0.78 [+0.10, +0.24]: it paid."
    )
    assert told.change_interval == pytest.approx((0.17 - 0.0707, 0.17 + 0.0707), abs=1e-4)


def test_images_that_were_not_collected_are_told() -> None:
    """Three of forty are not what was advised; nothing is said of having paid."""
    told = past(advice("collect", "dent", images_wanted=40), images={"dent": 23, "ding": 20})
    assert told.followed is False
    assert told.told == (
        "dent: not followed (3 training images more); F1 from 0.61 to 0.78 [+0.10, +0.24]."
    )


@pytest.mark.parametrize(
    ("f1", "verdict"),
    [(0.64, "not shown to have paid"), (0.40, "it did not pay, the score fell")],
)
def test_images_that_did_not_help_are_told(f1: float, verdict: str) -> None:
    """A change that may be chance, and a fall, did not pay."""
    after = judged(score(0.70), dent=f1, ding=0.79)
    told = past(
        advice("collect", "dent", images_wanted=40), after=after, images={"dent": 60, "ding": 20}
    )
    assert told.told.endswith(f": {verdict}.")


def test_another_holdout_compares_nothing() -> None:
    """Both scores are told, without a verdict."""
    told = past(
        advice("collect", "dent", images_wanted=40),
        images={"dent": 60, "ding": 20},
        same_holdout=False,
    )
    assert (told.followed, told.change_interval) == (True, None)
    assert "the holdout is another one" in told.told
    assert "paid" not in told.told


def test_unknown_numbers_of_images_show_nothing() -> None:
    """A model that was not trained here has no numbers."""
    (told,) = judge_past_advice(
        [advice("collect", "dent", images_wanted=40)],
        BEFORE,
        AFTER,
        training_images_before={},
        training_images_after={"dent": 60},
        holdout=HoldoutNow(is_same=True),
    )
    assert told.followed is None
    assert "the data do not show whether the advice was followed" in told.told


def test_merged_label_is_followed_but_not_compared() -> None:
    """The mean is over other labels then."""
    told = past(advice("merge", "dent", "ding"), after=judged(score(0.9), dent=0.9))
    assert (told.followed, told.change_interval) == (True, None)
    assert told.told.startswith("dent and ding: ding is no label any more")


def test_more_images_of_both_follow_the_advice_on_a_pair() -> None:
    """The score of all labels is what counts."""
    told = past(advice("merge", "dent", "ding"), images={"dent": 30, "ding": 31})
    assert told.followed is True
    assert told.told.startswith("all labels: 21 training images more; F1 from 0.70 to 0.80")


def test_corrected_labels_of_a_pair_do_not_show() -> None:
    """With as many images as before, nobody knows whether their labels were checked."""
    assert past(advice("merge", "dent", "ding")).followed is None
    assert past(advice("relabel", "dent")).followed is None


def test_images_like_a_slice_are_wanted_in_all() -> None:
    """40 of any label were asked for and came, so that the advice was followed."""
    given = advice("collect", images_wanted=40, condition="like the darkest quarter")
    assert past(given, images={"dent": 45, "ding": 35}).followed is True
    assert past(given, images={"dent": 30, "ding": 25}).followed is False


def test_images_of_each_label_do_not_stand_for_those_of_another() -> None:
    """20 of each label: 60 of one alone are not what was advised."""
    given = advice("collect", images_wanted=20, is_per_label=True)
    assert past(given, images={"dent": 36, "ding": 38}).followed is True
    assert past(given, images={"dent": 80, "ding": 19}).followed is False


def test_thresholds_are_followed_where_they_are_near_the_advised_ones() -> None:
    """The comparison tells at which thresholds it was taken."""
    given = advice("threshold", "dent", "ding", thresholds={"dent": 0.4, "ding": 0.42})
    after = judged(score(0.80), chosen=0.41, dent=0.78, ding=0.80)
    told = past(given, after=after)
    assert told.followed is True
    assert told.told.startswith("all labels: the thresholds were set; F1 from 0.70")
    told = past(given)
    assert told.followed is False
    assert told.told.startswith("all labels: not followed; F1 from 0.70")


def test_assumed_thresholds_near_the_advised_ones_follow_the_advice() -> None:
    """A new model may assume what was advised for the last one."""
    given = advice("threshold", "dent", thresholds={"dent": 0.52})
    assert past(given).followed is True


def test_threshold_of_another_label_does_not_follow_the_advice() -> None:
    """Only a label that nothing was advised for has another one."""
    given = advice("threshold", "dent", "ding", thresholds={"dent": 0.3, "ding": 0.31})
    other = judged(score(0.80), chosen=0.9, rust=0.7)
    plain = judged(score(0.80), dent=0.78, ding=0.80)
    after = plain.model_copy(update={"labels": (*plain.labels, *other.labels)})
    assert past(given, after=after).followed is False


def test_thresholds_that_were_set_elsewhere_do_not_show() -> None:
    """Tuned again for another model they may well differ from the advised ones."""
    given = advice("threshold", "dent", "ding", thresholds={"dent": 0.3, "ding": 0.31})
    after = judged(score(0.80), chosen=0.9, dent=0.78, ding=0.80)
    assert past(given, after=after).followed is None
    assert past(advice("threshold", "dent", "ding"), after=after).followed is None


def test_larger_holdout_tells_the_verdict() -> None:
    """It makes the score certain, so that F1 is not what paid."""
    sure = Gap(f1=-0.01, interval=(-0.02, 0.0), verdict="generalises")
    unsure = Gap(f1=-0.04, interval=(-0.1, 0.02), verdict="inconclusive")
    before = BEFORE.model_copy(update={"gap": unsure})
    after = AFTER.model_copy(update={"gap": sure})
    given = advice("holdout", images_wanted=400, holdout_images=500)
    told = past(given, before=before, after=after, holdout_images=900)
    assert told.followed is True
    assert told.told == (
        "Holdout: 400 more images; verdict before: inconclusive, now: generalises."
    )
    assert past(given, before=before, holdout_images=500).followed is False


def test_holdout_of_which_other_parts_are_judged_is_no_larger() -> None:
    """Tuning held 150 of the 500 images back in the last run, and holds none back now."""
    before, after = judged(score(0.7, images=350)), judged(score(0.8, images=500))
    given = advice("holdout", images_wanted=100, holdout_images=500)
    told = past(given, before=before, after=after, holdout_images=500)
    assert told.followed is False
    assert told.told.startswith("Holdout: not larger;")


def test_holdout_of_unknown_size_shows_nothing() -> None:
    """Advice of an earlier version did not keep it."""
    told = past(advice("holdout", images_wanted=400), holdout_images=900)
    assert told.followed is None
    assert "nobody knows" in told.told


def test_label_without_holdout_images_has_no_score() -> None:
    """Nothing is made up for it."""
    told = past(advice("collect", "rust", images_wanted=10))
    assert told.told == (
        "rust: not followed (0 training images more); the holdout does not have the label in "
        "both runs."
    )
