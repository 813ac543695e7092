"""Laws of scores, intervals and verdicts."""

from typing import get_args

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

from rcl_flow.core.promotion.decision import decide
from rcl_flow.core.promotion.rules import Gates
from rcl_flow.core.scoring.changed_images import Contender
from rcl_flow.core.scoring.comparison import Comparison, compare
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.gaps import simultaneous_interval
from rcl_flow.core.scoring.intervals import interval_of, resample_f1
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.metrics import Outcomes, label_ratios, outcomes_of_flags
from rcl_flow.core.scoring.paired import PairedComparison, compare_paired
from rcl_flow.core.scoring.predictions import Prediction, predicted_labels
from rcl_flow.core.scoring.verdict import Verdict, judge_gap
from tests.builders import evaluation, image, sha256_of

LABELS = ("a", "b", "c")
RULES = EvaluationRules(resamples=200)
flags = arrays(np.bool_, st.tuples(st.integers(1, 30), st.just(3)))
changes = st.floats(-1, 1)
intervals = st.tuples(changes, changes).map(lambda ends: (min(ends), max(ends)))
label_sets = st.sets(st.sampled_from(LABELS)).map(sorted)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcomes:
    """Draw truth and prediction of up to 30 images and three labels."""
    truth = draw(flags)
    return outcomes_of_flags(LABELS, truth, draw(arrays(np.bool_, truth.shape)))


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    """Draw a comparison of any test dataset with any holdout that has a label."""
    pairs = draw(st.lists(st.tuples(label_sets, label_sets), min_size=1, max_size=8))
    figure = st.floats(0, 1)
    figures = {label: draw(st.tuples(figure, figure, figure)) for label in LABELS}
    truths = [["a"], *draw(st.lists(label_sets, max_size=8))]
    confidences = st.dictionaries(st.sampled_from(LABELS), st.floats(0, 100))
    said = [
        Prediction(sha256=sha256_of(str(n)), confidences_percent=draw(confidences))
        for n in range(len(truths))
    ]
    judged = Judged(
        images=tuple(image(str(n), *truth) for n, truth in enumerate(truths)),
        predictions={answer.sha256: answer for answer in said},
    )
    return compare(evaluation(pairs, figures), judged, RULES, np.random.default_rng(0))


@given(outcomes())
def test_ratios_lie_between_zero_and_one(given_outcomes: Outcomes) -> None:
    """Precision, recall and F1 are ratios, F1 lies between the other two."""
    ratios = label_ratios(given_outcomes)
    for figures in (ratios.precision, ratios.recall, ratios.f1):
        assert ((figures >= 0) & (figures <= 1)).all()
    lower = np.minimum(ratios.precision, ratios.recall)
    upper = np.maximum(ratios.precision, ratios.recall)
    assert (ratios.f1 >= lower - 1e-12).all()
    assert (ratios.f1 <= upper + 1e-12).all()


@given(outcomes())
def test_ratios_agree_with_scikit_learn(given_outcomes: Outcomes) -> None:
    """An independent implementation gives the same figures to twelve digits."""
    ratios = label_ratios(given_outcomes)
    expected = precision_recall_fscore_support(
        given_outcomes.truth,
        given_outcomes.hits + given_outcomes.false_alarms,
        average=None,
        zero_division=0,
    )
    for ours, theirs in zip((ratios.precision, ratios.recall, ratios.f1), expected, strict=False):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


@given(outcomes(), st.floats(0.51, 0.99))
def test_interval_is_ordered_and_inside_zero_to_one(
    given_outcomes: Outcomes, confidence_level: float
) -> None:
    """The lower end is not above the upper, for all labels and for each."""
    samples = resample_f1(
        given_outcomes, judged=np.ones(3, bool), resamples=200, rng=np.random.default_rng(0)
    )
    for values in (samples.overall, *samples.by_label.T):
        low, high = interval_of(values, confidence_level)
        assert 0 <= low <= high <= 1


@given(outcomes())
def test_interval_contains_the_point_of_each_label(given_outcomes: Outcomes) -> None:
    """Resampling is centred where the score is, so a wide interval holds it."""
    samples = resample_f1(
        given_outcomes, judged=np.ones(3, bool), resamples=600, rng=np.random.default_rng(0)
    )
    for values, point in zip(samples.by_label.T, label_ratios(given_outcomes).f1, strict=True):
        low, high = interval_of(values, 0.99)
        assert low - 1e-9 <= point <= high + 1e-9


@given(intervals, st.floats(0, 0.99))
def test_verdict_is_always_one_of_three(interval: tuple[float, float], margin: float) -> None:
    """Every interval has a verdict, and none drops that reaches above zero."""
    verdict = judge_gap(interval, EvaluationRules(gap_margin=margin))
    assert verdict in get_args(Verdict)
    assert verdict != "drops" or interval[1] < 0


@given(intervals, st.floats(0, 0.5), st.floats(0, 0.4))
def test_verdict_does_not_get_worse_with_a_larger_margin(
    interval: tuple[float, float], margin: float, more: float
) -> None:
    """What generalises within a margin does so within a larger one."""
    if judge_gap(interval, EvaluationRules(gap_margin=margin)) == "generalises":
        assert judge_gap(interval, EvaluationRules(gap_margin=margin + more)) == "generalises"


@given(
    st.dictionaries(st.sampled_from(LABELS), st.floats(0, 100)), st.floats(0, 1), st.floats(0, 1)
)
def test_predicted_labels_get_fewer_with_a_higher_threshold(
    confidences: dict[str, float], one: float, other: float
) -> None:
    """A higher threshold never adds a label."""
    answer = Prediction(sha256=sha256_of("x"), confidences_percent=confidences)
    low, high = (dict.fromkeys(LABELS, value) for value in sorted((one, other)))
    assert set(predicted_labels(answer, high)) <= set(predicted_labels(answer, low))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Contender, Contender]:
    """Draw two models' answers to the same images, at thresholds of their own."""
    truths = [["a"], *draw(st.lists(label_sets, max_size=8))]
    shown = tuple(image(str(n), *truth) for n, truth in enumerate(truths))
    confidences = st.dictionaries(st.sampled_from(LABELS), st.floats(0, 100))

    def model() -> Contender:
        said = {
            each.sha256: Prediction(sha256=each.sha256, confidences_percent=draw(confidences))
            for each in shown
        }
        return Contender(Judged(shown, said), {label: draw(st.floats(0, 1)) for label in LABELS})

    return model(), model()


def paired(first: Contender, second: Contender) -> PairedComparison:
    """Compare with a seed."""
    return compare_paired(first, second, RULES, np.random.default_rng(0))


@given(pairs())
def test_exchanged_models_exchange_what_is_found(models: tuple[Contender, Contender]) -> None:
    """Fixed becomes broken and a gain a loss; every image is counted once."""
    found, back = paired(*models), paired(*reversed(models))
    assert back.f1 == -found.f1
    assert {each.sha256 for each in back.fixed} == {each.sha256 for each in found.broken}
    assert back.mcnemar.p_value == found.mcnemar.p_value
    test = found.mcnemar
    counts = (test.both_right, test.only_first, test.only_second, test.both_wrong)
    assert sum(counts) == found.images
    assert PairedComparison.model_validate_json(found.model_dump_json()) == found


@given(arrays(np.float64, st.integers(1, 40), elements=changes), st.integers(1, 300))
def test_simultaneous_intervals_widen_with_what_is_compared(
    samples: NDArray[np.float64], compared: int
) -> None:
    """An interval of many holds the one of few, and neither leaves the possible changes."""
    alone = simultaneous_interval(samples, 0.95, compared=1)
    low, high = simultaneous_interval(samples, 0.95, compared=compared)
    assert -1 <= low <= alone[0] + 1e-12
    assert alone[1] - 1e-12 <= high <= 1
    assert np.allclose(alone, interval_of(samples, 0.95))


@given(comparisons())
def test_comparison_survives_its_file(comparison: Comparison) -> None:
    """Every comparison can be written and read back, so none holds an undefined number."""
    assert Comparison.model_validate_json(comparison.model_dump_json()) == comparison


@given(comparisons())
def test_comparison_has_a_mistake_or_a_hit_for_each_image(comparison: Comparison) -> None:
    """Mistakes are ordered by severity, which is a percentage."""
    severities = [mistake.severity_percent for mistake in comparison.mistakes]
    assert severities == sorted(severities, reverse=True)
    assert all(0 <= severity <= 100 for severity in severities)
    assert len(severities) <= comparison.holdout.images


@given(comparisons(), st.floats(0, 1), st.floats(0, 1), st.integers(1, 10))
def test_decision_promotes_exactly_when_there_is_no_reason(
    comparison: Comparison, min_f1: float, min_label_f1: float, min_images: int
) -> None:
    """Promote has no reasons, Keep has at least one, and a promoted model meets the gates."""
    gates = Gates(min_holdout_f1=min_f1, min_label_f1=min_label_f1, min_holdout_images=min_images)
    decision = decide(comparison, gates)
    assert (decision.action == "promote") is (decision.reasons == ())
    if decision.action == "promote":
        assert comparison.holdout.images >= min_images
        assert comparison.holdout.f1_interval[0] >= min_f1
        judged = [entry.holdout for entry in comparison.labels if entry.holdout is not None]
        assert all(entry.f1 >= min_label_f1 for entry in judged)
