"""Tests of the comparison of test and holdout, on a case worked out by hand.

The model knows cat, dog and yak. On the test dataset it is right about 4 of 4 images. On the
holdout it judges four images; no image shows a yak.

| image | truth | said | confidence in percent |
|---|---|---|---|
| h1 | cat | cat | cat 90 |
| h2 | cat | dog | cat 20, dog 70 |
| h3 | dog | dog | dog 80 |
| h4 | dog | nothing | dog 30 |

So cat has precision 1/1, recall 1/2, F1 2/3; dog precision 1/2, recall 1/2, F1 1/2.
"""

from collections import Counter

import numpy as np
import pytest

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.comparison import Comparison, ConfusionCell, compare
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.intervals import wilson_interval
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.judging import NOTHING, judge_labels
from rcl_flow.core.scoring.predictions import Prediction, RefusedImage
from rcl_flow.core.training.evaluation import Evaluation
from rcl_flow.errors import DatasetGateError
from tests.builders import evaluation, image, prediction, sha256_of

RULES = EvaluationRules(resamples=400)
PERFECT = (1.0, 1.0, 1.0)
TEST = evaluation(
    [(["cat"], ["cat"]), (["dog"], ["dog"])] * 2 + [(["yak"], [])],
    {"cat": PERFECT, "dog": PERFECT, "yak": (0.0, 0.0, 0.0)},
)
IMAGES = (image("h1", "cat"), image("h2", "cat"), image("h3", "dog"), image("h4", "dog"))
SAID = (
    prediction("h1", cat=90.0),
    prediction("h2", cat=20.0, dog=70.0),
    prediction("h3", dog=80.0),
    prediction("h4", dog=30.0),
)


def judge(
    images: tuple[DatasetImage, ...] = IMAGES,
    said: tuple[Prediction, ...] = SAID,
    *,
    test: Evaluation = TEST,
    refused: tuple[RefusedImage, ...] = (),
    seed: int = 0,
) -> Comparison:
    """Compare with the case of the module's docstring, unless told otherwise."""
    judged = Judged(images, {answer.sha256: answer for answer in said}, refused)
    return compare(test, judged, RULES, np.random.default_rng(seed))


def cells(comparison: Comparison) -> dict[tuple[str, str], int]:
    """Return the confusion as a mapping."""
    return {(cell.truth, cell.predicted): cell.count for cell in comparison.confusion}


def test_comparison_keeps_the_services_own_test_score() -> None:
    """The figures of the test dataset are the service's, with our interval around them."""
    score = judge().test
    assert (score.images, score.f1, score.precision) == (5, TEST.f1, TEST.precision)
    assert score.f1_interval[0] <= score.f1 <= score.f1_interval[1]


def test_comparison_scores_the_holdout_as_the_service_does() -> None:
    """Overall figures are plain means over the labels that the holdout has."""
    score = judge().holdout
    assert score.images == 4
    assert score.precision == pytest.approx((1 + 1 / 2) / 2)
    assert score.recall == pytest.approx(1 / 2)
    assert score.f1 == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_comparison_measures_the_gap_over_the_same_labels() -> None:
    """The yak, which the holdout lacks, counts on neither side: 7/12 against 1."""
    gap = judge().gap
    assert gap.f1 == pytest.approx(7 / 12 - 1)
    assert gap.interval[0] <= gap.f1 <= gap.interval[1]
    assert gap.verdict == "inconclusive"


def test_comparison_gives_each_label_both_scores() -> None:
    """Images, precision, recall and F1 of one label on both sides, and their difference."""
    cat = judge().labels[0]
    assert (cat.label, cat.assumed_threshold, cat.test.f1, cat.test.images) == ("cat", 0.5, 1, 2)
    assert cat.holdout is not None
    assert cat.gap is not None
    assert (cat.holdout.images, cat.holdout.precision, cat.holdout.recall) == (2, 1.0, 0.5)
    assert cat.holdout.f1 == pytest.approx(2 / 3)
    assert cat.gap.f1 == pytest.approx(2 / 3 - 1)


def test_comparison_names_labels_that_the_holdout_cannot_judge() -> None:
    """A label without holdout image has no holdout score and no gap, not a zero."""
    comparison = judge()
    yak = comparison.labels[2]
    assert comparison.unjudged_labels == ("yak",)
    assert (yak.holdout, yak.gap) == (None, None)


def test_comparison_counts_what_was_taken_for_what() -> None:
    """Hits lie on the diagonal; a miss without another label was taken for nothing."""
    assert cells(judge()) == {
        ("cat", "cat"): 1,
        ("cat", "dog"): 1,
        ("dog", "dog"): 1,
        ("dog", NOTHING): 1,
    }


def test_comparison_counts_a_false_alarm_beside_a_hit() -> None:
    """What is predicted besides the truth is taken from nothing, not from the truth."""
    assert cells(judge((IMAGES[0],), (prediction("h1", cat=90.0, dog=60.0),))) == {
        ("cat", "cat"): 1,
        (NOTHING, "dog"): 1,
    }


def test_comparison_spreads_a_miss_over_every_wrong_label() -> None:
    """Two wrong labels for one missed label are two confusions; a hit beside them stays one."""
    both = image("h1", "cat", "dog")
    confusion = judge((both, IMAGES[2]), (prediction("h1", dog=90.0, yak=60.0), SAID[2])).confusion
    assert confusion == (
        ConfusionCell(truth="cat", predicted="yak", count=1),
        ConfusionCell(truth="dog", predicted="dog", count=2),
    )


def test_comparison_counts_an_image_without_labels_as_a_false_alarm() -> None:
    """A picture of nothing in which something was seen lowers the precision."""
    comparison = judge((*IMAGES, image("h5")), (*SAID, prediction("h5", cat=99.0)))
    assert cells(comparison)[NOTHING, "cat"] == 1
    assert comparison.labels[0].holdout is not None
    assert comparison.labels[0].holdout.precision == pytest.approx(1 / 2)


def test_comparison_puts_the_worst_mistake_first() -> None:
    """The severity is the confidence in a wrong label, or the doubt in a right one."""
    said = (*SAID[:3], prediction("h4", dog=10.0))
    assert [(mistake.uri, mistake.severity_percent) for mistake in judge(said=said).mistakes] == [
        ("images/h4.png", 90.0),
        ("images/h2.png", 70.0),
    ]


def test_comparison_orders_equal_mistakes_by_digest() -> None:
    """Equally bad mistakes come in an order that does not depend on the holdout's."""
    digests = [mistake.sha256 for mistake in judge(IMAGES[::-1]).mistakes]
    assert digests == sorted([sha256_of("h2"), sha256_of("h4")])


def test_comparison_describes_a_mistake() -> None:
    """What was true, what was said, and every confidence that was returned."""
    (mistake,) = judge((IMAGES[1], IMAGES[2])).mistakes
    assert (mistake.truth, mistake.predicted) == (("cat",), ("dog",))
    assert mistake.confidences_percent == {"cat": 20.0, "dog": 70.0}


def test_comparison_takes_a_label_that_was_not_returned_for_confidence_zero() -> None:
    """A right label that the model did not even mention is the worst kind of miss."""
    (mistake,) = judge((IMAGES[0],), (prediction("h1"),)).mistakes
    assert mistake.severity_percent == 100.0


def test_comparison_lists_images_that_were_refused() -> None:
    """Images that the service would not judge are shown, not dropped."""
    refused = (
        RefusedImage(sha256=sha256_of("h9"), code="InvalidImageFormatException", message=""),
    )
    assert judge(refused=refused).refused == refused


def test_comparison_of_a_worse_holdout_drops() -> None:
    """Half of the holdout wrong after a perfect test is a drop beyond doubt."""
    good = evaluation(
        [(["cat"], ["cat"]), (["dog"], ["dog"])] * 50, {"cat": PERFECT, "dog": PERFECT}
    )
    gap = judge(IMAGES * 25, test=good).gap
    assert gap.interval[1] < 0
    assert gap.verdict == "drops"


def test_comparison_of_a_perfect_model_generalises() -> None:
    """No mistakes, an interval without width, and a verdict that says so."""
    said = (prediction("h1", cat=90.0), prediction("h3", dog=90.0))
    images = (IMAGES[0], IMAGES[2])
    good = evaluation(
        [(["cat"], ["cat"]), (["dog"], ["dog"])] * 20, {"cat": PERFECT, "dog": PERFECT}
    )
    comparison = judge(images * 20, said, test=good)
    assert comparison.mistakes == ()
    assert (comparison.holdout.f1, comparison.gap.f1) == (1.0, 0.0)
    assert comparison.gap.verdict == "generalises"


def test_comparison_repeats_with_its_seed() -> None:
    """The same seed gives the same intervals."""
    assert judge() == judge()


def test_comparison_is_refused_when_no_holdout_label_is_known() -> None:
    """A holdout of other labels has no score, rather than an undefined one that passes gates."""
    with pytest.raises(DatasetGateError, match="No holdout image has a label that the model knows"):
        judge((image("h1", "Cat"), image("h2")), SAID[:2])


def test_comparison_leaves_labels_without_test_images_out_of_the_gap() -> None:
    """A label that only the holdout shows cannot hide a drop on the others."""
    test = evaluation(
        [(["cat"], ["cat"]), (["dog"], ["dog"])] * 5,
        {"cat": PERFECT, "dog": PERFECT, "yak": (0.0, 0.0, 0.0)},
    )
    images = (*IMAGES, image("h5", "yak"))
    comparison = judge(images, (*SAID, prediction("h5", yak=90.0)), test=test)
    assert comparison.gap.f1 == pytest.approx(7 / 12 - 1)
    assert comparison.labels[2].gap is None
    assert (comparison.untested_labels, comparison.unjudged_labels) == (("yak",), ())
    assert comparison.test.f1_interval[1] == 1.0


def test_comparison_without_a_common_label_is_inconclusive() -> None:
    """When test and holdout share no label, nothing is said of the gap."""
    test = evaluation(
        [(["cat"], ["cat"])], {"cat": PERFECT, "dog": (0.0, 0.0, 0.0), "yak": (0.0, 0.0, 0.0)}
    )
    comparison = judge((image("h3", "dog"),), (prediction("h3", dog=80.0),), test=test)
    assert comparison.gap.verdict == "inconclusive"
    assert comparison.gap.interval == (-1.0, 1.0)
    assert comparison.gap.hindrance == "no common label"
    assert comparison.untested_labels == ("dog", "yak")


def flawed(images: int, *, wrong: float, seed: int = 0) -> tuple[Judged, list[str]]:
    """Return a holdout of four labels, one or two an image, of which some are judged wrongly."""
    rng, names = np.random.default_rng(seed), ["a", "b", "c", "d"]
    shown = [
        image(str(number), *rng.choice([*names, "unknown"], rng.integers(0, 3), replace=False))
        for number in range(images)
    ]
    answers = {}
    for each in shown:
        sure = dict.fromkeys(each.labels, 90.0)
        if rng.random() < wrong:
            sure = {str(label): 80.0 for label in rng.choice(names, 2, replace=False)}
        answers[each.sha256] = prediction("", **sure).model_copy(update={"sha256": each.sha256})
    return Judged(tuple(shown), answers), names


def test_confusion_is_that_of_looking_at_every_image() -> None:
    """Counting the right images at once gives the same cells as judging each by itself."""
    judged, names = flawed(300, wrong=0.3)
    test = evaluation([([name], [name]) for name in names], dict.fromkeys(names, PERFECT))
    comparison = compare(test, judged, RULES, np.random.default_rng(0))
    half = dict.fromkeys(names, 0.5)
    judgements = [judge_labels(i, judged.predictions[i.sha256], half) for i in judged.images]
    counts = Counter(pair for judgement in judgements for pair in judgement.confusions)
    assert cells(comparison) == counts
    assert len(counts) > 10
    wrong = {i.sha256 for i, j in zip(judged.images, judgements, strict=True) if not j.is_right}
    assert {mistake.sha256 for mistake in comparison.mistakes} == wrong


def test_comparison_scores_the_holdout_at_the_chosen_thresholds() -> None:
    """The gap stays at the assumed thresholds; mistakes and confusion are those that count."""
    chosen = {"cat": 0.15, "dog": 0.75, "yak": 0.5}
    judged = Judged(IMAGES, {answer.sha256: answer for answer in SAID})
    tuned = compare(TEST, judged, RULES, np.random.default_rng(0), chosen)
    assert tuned.holdout.f1 == pytest.approx((1 + 2 / 3) / 2)
    assert tuned.holdout_at_assumed is not None
    assert tuned.holdout_at_assumed.f1 == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert tuned.gap.f1 == pytest.approx(7 / 12 - 1)
    assert [entry.chosen_threshold for entry in tuned.labels] == [0.15, 0.75, None]
    assert [mistake.sha256 for mistake in tuned.mistakes] == [sha256_of("h4")]
    assert cells(tuned) == {("cat", "cat"): 2, ("dog", "dog"): 1, ("dog", NOTHING): 1}


def test_comparison_at_the_assumed_thresholds_names_no_others() -> None:
    """Thresholds that are the assumed ones change nothing, down to the last digit."""
    judged = Judged(IMAGES, {answer.sha256: answer for answer in SAID})
    same = compare(TEST, judged, RULES, np.random.default_rng(0), {"cat": 0.5})
    assert same == judge()
    assert same.holdout_at_assumed is None


def test_labels_have_wilsons_intervals_of_precision_and_recall() -> None:
    """Cat: 1 of 1 that were predicted, 1 of 2 that there are; yak: nothing was predicted."""
    cat, _, yak = judge((*IMAGES, image("h5", "yak")), (*SAID, prediction("h5"))).labels
    assert cat.holdout is not None
    assert cat.holdout.precision_interval == wilson_interval(1, 1, 0.95)
    assert cat.holdout.recall_interval == wilson_interval(1, 2, 0.95)
    assert yak.holdout is not None
    assert yak.holdout.precision_interval is None


def test_overall_precision_and_recall_lie_in_their_intervals() -> None:
    """The resamples are those of the scores, and the more images there are the narrower."""
    few, names = flawed(60, wrong=0.3)
    many, _ = flawed(2000, wrong=0.3)
    test = evaluation([([name], [name]) for name in names], dict.fromkeys(names, PERFECT))
    widths = []
    for judged in (few, many):
        score = compare(test, judged, RULES, np.random.default_rng(0)).holdout
        for value, interval in (
            (score.precision, score.precision_interval),
            (score.recall, score.recall_interval),
        ):
            assert interval is not None
            assert interval[0] < value < interval[1]
            widths.append(interval[1] - interval[0])
    assert max(widths[2:]) < min(widths[:2]) / 3


def test_labels_with_few_images_say_so() -> None:
    """A score of two images comes with a warning, one of many without."""
    assert "2 images" in judge().labels[0].test.note
    assert judge(IMAGES * 50).labels[0].holdout == judge(IMAGES * 50).labels[0].holdout
    many = judge(IMAGES * 50).labels[0].holdout
    assert many is not None
    assert many.note == ""


def test_label_verdicts_allow_for_all_labels_together() -> None:
    """A label's corrected interval is wider than its own, and its verdict follows it."""
    for entry in judge(IMAGES * 25).labels[:2]:
        assert entry.gap is not None
        assert entry.gap.corrected_interval is not None
        low, high = entry.gap.corrected_interval
        assert low < entry.gap.interval[0] < entry.gap.interval[1] <= high


def test_gap_names_the_label_that_falls_the_most() -> None:
    """Only when it drops, and only where there are several labels."""
    good = evaluation(
        [(["cat"], ["cat"]), (["dog"], ["dog"])] * 50, {"cat": PERFECT, "dog": PERFECT}
    )
    assert judge(IMAGES * 25, test=good).gap.driver == "dog"
    assert judge().gap.driver == ""
    alone = evaluation([(["cat"], ["cat"])] * 50, {"cat": PERFECT})
    only = judge(IMAGES[:2] * 25, test=alone).gap
    assert (only.verdict, only.driver) == ("drops", "")


def test_inconclusive_gap_says_how_many_images_it_takes() -> None:
    """A gap that more images settle names their number; a verdict names none."""
    names = flawed(1, wrong=0)[1]
    missed: list[str] = []
    pairs = [([name], [name] if number else missed) for number in range(10) for name in names] * 10
    rules = EvaluationRules(gap_margin=0.03, resamples=400)
    test = evaluation(pairs, dict.fromkeys(names, (1.0, 0.9, 18 / 19)))
    gaps = [
        compare(test, flawed(200, wrong=wrong)[0], rules, np.random.default_rng(0)).gap
        for wrong in (0.0, 0.08, 0.5)
    ]
    assert [gap.verdict for gap in gaps] == ["generalises", "inconclusive", "drops"]
    for gap in gaps:
        assert (gap.more_images is not None) is (gap.verdict == "inconclusive")
        assert gap.more_images is None or 1 < gap.more_images < 100_000


def test_gap_is_measured_from_the_snapshots_own_flags() -> None:
    """A summary that says otherwise is shown and noted, but no part of any gap."""
    pairs = [(["cat"], ["cat"]), (["dog"], ["dog"])] * 50
    odd = evaluation(pairs, {"cat": (0.6, 0.7, 0.646), "dog": (0.6, 0.7, 0.646)})
    true = evaluation(pairs, {"cat": PERFECT, "dog": PERFECT})
    one, other = judge(IMAGES * 25, test=odd), judge(IMAGES * 25, test=true)
    assert one.gap == other.gap
    assert [entry.gap for entry in one.labels] == [entry.gap for entry in other.labels]
    assert one.gap.f1 == pytest.approx(7 / 12 - 1)
    assert one.gap.interval[0] < one.gap.f1 < one.gap.interval[1]
    assert one.gap.test_f1 == 1.0
    assert (one.test.f1, one.test.note) == (0.646, "its own snapshot gives 1.000")
    assert one.labels[0].test.note == "its own snapshot gives 1.000"
    assert other.test.note == other.labels[0].test.note == ""


def test_chosen_thresholds_change_no_gap() -> None:
    """Gap, label gaps, expected falls and driver are at the assumed thresholds, to the last bit."""
    judged, names = flawed(300, wrong=0.3)
    test = evaluation([([name], [name]) for name in names] * 9, dict.fromkeys(names, PERFECT))
    plain = compare(test, judged, RULES, np.random.default_rng(0))
    other = compare(test, judged, RULES, np.random.default_rng(0), {"b": 0.95})
    assert other.holdout.f1 != plain.holdout.f1
    assert other.gap == plain.gap
    assert [entry.gap for entry in other.labels] == [entry.gap for entry in plain.labels]
    assert plain.gap.verdict == "drops"
    assert plain.gap.driver


def test_gap_of_very_few_holdout_images_reckons_no_number() -> None:
    """Below ten images no number of more images is told, and intervals stay possible."""
    good = evaluation(
        [(["cat"], ["cat"]), (["dog"], ["dog"])] * 50, {"cat": PERFECT, "dog": PERFECT}
    )
    gap = judge(IMAGES[:2], SAID[:2], test=good).gap
    assert (gap.verdict, gap.more_images, gap.hindrance) == ("inconclusive", None, "few images")
    assert -1 <= gap.interval[0] < gap.interval[1] <= 1


def test_gap_whose_bottleneck_is_the_holdout_is_settled_by_it() -> None:
    """A test without mistakes on many images leaves the width to the two images of a label."""
    names = ["a", "b", "c"]
    test = evaluation([([name], [name]) for name in names] * 30, dict.fromkeys(names, PERFECT))
    shown = [image(f"{name}{number}", name) for name in "ab" for number in range(40)]
    shown += [image("c0", "c"), image("c1", "c")]
    said = {each.sha256: prediction("", **dict.fromkeys(each.labels, 90.0)) for each in shown}
    said[shown[-1].sha256] = prediction("")
    gap = compare(test, Judged(tuple(shown), said), RULES, np.random.default_rng(0)).gap
    assert gap.verdict == "inconclusive"
    assert gap.hindrance == ""
    assert gap.more_images is not None
    assert gap.more_images < 1640


def test_gap_that_a_small_test_set_flatters_is_not_called_harmless() -> None:
    """With three test images a label, what its thresholds explain is more than the margin."""
    names = ["a", "b", "c"]
    test = evaluation([([name], [name]) for name in names] * 3, dict.fromkeys(names, PERFECT))
    gap = compare(test, flawed(2000, wrong=0.1)[0], RULES, np.random.default_rng(0)).gap
    assert gap.f1 < -0.05
    assert (gap.verdict, gap.hindrance) == ("inconclusive", "flattered test")
