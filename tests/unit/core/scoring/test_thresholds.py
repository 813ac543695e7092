"""Tests of choosing one label's threshold, against counting and against known truth."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rcl_flow.core.percentages import reaches
from rcl_flow.core.scoring.answers import LabelAnswers
from rcl_flow.core.scoring.ranking import RankedAnswers, ranked_labels
from rcl_flow.core.scoring.threshold_rules import LabelThresholdRule
from rcl_flow.core.scoring.thresholds import (
    FEW_POSITIVES,
    MIN_ANSWERS,
    choose_threshold,
    cuts_of,
)

patient = settings(deadline=None)
BEST_F1 = LabelThresholdRule(objective="best_f1")
Answers = list[tuple[float, bool]]

percents = st.one_of(
    st.integers(0, 100).map(float),
    st.floats(0, 100, width=32),
    st.floats(99.9990005493164, 100, width=32),
    st.sampled_from([0.0, 1e-30, 29.0, 57.0, 58.0, 99.99999237060547, 100.0]),
)
answer_lists = st.lists(st.tuples(percents, st.booleans()), max_size=25)
separable = st.lists(
    st.tuples(percents.map(lambda percent: round(percent, 7)), st.booleans()), max_size=25
)
"""Confidences as far apart as 32-bit floats near 100 are."""


def ranked(answers: Sequence[tuple[float, bool]], *, unanswered: int = 0) -> RankedAnswers:
    """Rank answers of confidence in percent and rightness; some examples were not answered."""
    ordered = sorted(answers, key=lambda answer: -answer[0])
    return RankedAnswers(
        label="cat",
        confidences_percent=np.array([sure for sure, _ in ordered], dtype=np.float64),
        right=np.array([right for _, right in ordered], dtype=np.bool_),
        positives=sum(right for _, right in ordered) + unanswered,
    )


def counts_at(answers: Sequence[tuple[float, bool]], threshold: float) -> tuple[int, int]:
    """Count hits and false alarms as the service counts: at or above the threshold."""
    reached = [right for sure, right in answers if reaches(sure, threshold)]
    return sum(reached), len(reached) - sum(reached)


def every_count(answers: Sequence[tuple[float, bool]]) -> set[tuple[int, int]]:
    """Return the hits and false alarms of every cut, found by counting alone."""
    levels = {sure for sure, _ in answers} | (
        {101.0} if all(s < 100 for s, _ in answers) else set()
    )
    at = [[right for sure, right in answers if sure >= level] for level in levels]
    return {(sum(reached), len(reached) - sum(reached)) for reached in at}


def f1_of(hits: int, false_alarms: int, positives: int) -> float:
    """Return F1 of counts."""
    return 2 * hits / (hits + false_alarms + positives)


@patient
@given(answer_lists)
def test_counts_at_a_threshold_are_those_intended(answers: Answers) -> None:
    """Every cut's threshold, written to JSON and read back, gives that cut's counts exactly."""
    cuts = cuts_of(ranked(answers))
    thresholds = json.loads(json.dumps(cuts.thresholds.tolist()))
    hits, answered = cuts.hits.tolist(), cuts.answers.tolist()
    for threshold, hit, count in zip(thresholds, hits, answered, strict=True):
        assert 0 <= threshold <= 1
        assert counts_at(answers, threshold) == (hit, count - hit)


@patient
@given(separable)
def test_no_cut_between_confidences_of_the_service_is_lost(answers: Answers) -> None:
    """Confidences as the service gives them, 32-bit floats, can all be told apart."""
    cuts = cuts_of(ranked(answers))
    found = set(zip(cuts.hits.tolist(), (cuts.answers - cuts.hits).tolist(), strict=True))
    assert found == every_count(answers)


def test_six_decimals_do_where_confidences_are_not_crowded() -> None:
    """A threshold is short, and the middle between two neighbours."""
    answers = [(90.0, True), (70.5, True), (30.25, False)]
    chosen = choose_threshold(ranked(answers), BEST_F1, 0.9)
    assert chosen.threshold == 0.50375


def test_more_decimals_tell_crowded_confidences_apart() -> None:
    """Neighbouring 32-bit floats near 100 need eight decimals."""
    high, low = 99.99999237060547, 99.99998474121094
    chosen = choose_threshold(ranked([(high, True), (low, False)]), BEST_F1, 0.5)
    assert counts_at([(high, True), (low, False)], chosen.threshold) == (1, 0)
    assert len(repr(chosen.threshold)) == len("0.999999885")


@patient
@given(separable, st.integers(0, 3), st.floats(0, 1))
def test_best_f1_is_the_best_of_all(answers: Answers, unanswered: int, assumed: float) -> None:
    """No cut has a better F1 than the chosen threshold; found by trying all of them."""
    given_answers = ranked(answers, unanswered=unanswered)
    chosen = choose_threshold(given_answers, BEST_F1, assumed)
    if not any(right for _, right in answers):
        assert chosen[:2] == (assumed, False)
        return
    best = max(f1_of(*counts, given_answers.positives) for counts in every_count(answers))
    assert f1_of(*counts_at(answers, chosen.threshold), given_answers.positives) == best
    assert chosen.met


def test_best_f1_keeps_the_assumed_threshold_when_it_is_as_good() -> None:
    """What nothing speaks against is not changed."""
    answers = [(90.0, True), (80.0, True), (20.0, False)]
    assert choose_threshold(ranked(answers), BEST_F1, 0.25).threshold == 0.25
    assert choose_threshold(ranked(answers), BEST_F1, 0.8).threshold == 0.8
    assert choose_threshold(ranked(answers), BEST_F1, 0.2).threshold == 0.5
    assert choose_threshold(ranked(answers), BEST_F1, 0.81).threshold == 0.5


def test_widest_of_equally_good_places_is_taken() -> None:
    """One miss or one false alarm is the same here; from 60 down to 30 there is more room."""
    answers = [(90.0, True), (85.0, False), (60.0, True), (30.0, False)]
    rule = LabelThresholdRule(objective="cost", false_alarm_cost=1, miss_cost=1)
    assert [counts_at(answers, t) for t in (0.9, 0.6)] == [(1, 0), (2, 1)]
    assert choose_threshold(ranked(answers), rule, 1.0).threshold == 0.45
    assert choose_threshold(ranked(answers), rule, 0.87).threshold == 0.87


def test_equal_places_of_equal_width_go_by_nearness() -> None:
    """Of two places as good and as wide, the one nearer to the assumed threshold is taken."""
    answers = [
        (90.0, True),
        (80.0, False),
        (70.0, False),
        (60.0, True),
        (50.0, False),
        (40.0, False),
    ]
    rule = LabelThresholdRule(objective="cost", false_alarm_cost=1, miss_cost=2)
    costs = [fa + 2 * (2 - hit) for hit, fa in (counts_at(answers, t) for t in (0.85, 0.55))]
    assert costs == [2, 2]
    assert choose_threshold(ranked(answers), rule, 1.0).threshold == 0.85
    assert choose_threshold(ranked(answers), rule, 0.3).threshold == 0.55


@patient
@given(
    separable.filter(lambda answers: any(right for _, right in answers)),
    st.floats(0, 1),
    st.integers(0, 5),
    st.integers(1, 5),
)
def test_cost_picks_the_cheapest(
    answers: Answers, assumed: float, false_alarm_cost: int, miss_cost: int
) -> None:
    """No cut costs less than the chosen threshold; found by trying all of them."""
    given_answers = ranked(answers)
    rule = LabelThresholdRule(
        objective="cost", false_alarm_cost=false_alarm_cost, miss_cost=miss_cost
    )
    chosen = choose_threshold(given_answers, rule, assumed)

    def cost(hits: int, false_alarms: int) -> int:
        return false_alarm_cost * false_alarms + miss_cost * (given_answers.positives - hits)

    assert cost(*counts_at(answers, chosen.threshold)) == min(
        cost(*counts) for counts in every_count(answers)
    )
    assert chosen.met


def test_cost_may_be_least_when_nothing_is_predicted() -> None:
    """Where false alarms are dear, silence is the cheapest, and the note says so."""
    answers = [(90.0, False), (80.0, True)]
    rule = LabelThresholdRule(objective="cost", false_alarm_cost=10, miss_cost=1)
    chosen = choose_threshold(ranked(answers), rule, 0.5)
    assert chosen.threshold == 0.95
    assert chosen.note.startswith("The best is hardly ever to predict it.")


MANY = [(99.0 - n, n % 4 != 3) for n in range(40)]
"""Forty answers; of each four the last is wrong."""


@pytest.mark.parametrize("wanted", [0.5, 0.7, 0.75, 0.76])
def test_precision_takes_the_lowest_threshold_that_is_precise_enough(wanted: float) -> None:
    """Of all cuts of ten answers or more with that precision, it predicts the most."""
    rule = LabelThresholdRule(objective="precision", min_precision=wanted)
    chosen = choose_threshold(ranked(MANY), rule, 0.01)
    precisions = {n: sum(right for _, right in MANY[:n]) / n for n in range(10, 41)}
    most = max(n for n, precision in precisions.items() if precision >= wanted)
    assert sum(counts_at(MANY, chosen.threshold)) == most
    assert chosen == (chosen.threshold, True, "")


def test_precision_that_is_never_reached_keeps_the_assumed_threshold() -> None:
    """The note names the best that there is: of eleven answers nine are right."""
    rule = LabelThresholdRule(objective="precision", min_precision=0.9)
    chosen = choose_threshold(ranked(MANY), rule, 0.42)
    assert chosen[:2] == (0.42, False)
    assert chosen.note == (
        "No threshold is precise to 0.9 on the calibration part; best: 0.818; "
        "the assumed threshold stays."
    )


def test_precision_over_few_answers_is_not_met() -> None:
    """Nine of nine right are no proof of a precision of 90 percent."""
    rule = LabelThresholdRule(objective="precision", min_precision=0.9)
    nine = [(90.0 - n, True) for n in range(MIN_ANSWERS - 1)]
    chosen = choose_threshold(ranked(nine), rule, 0.42)
    assert chosen[:2] == (0.42, False)
    assert "A precision needs 10 answers; the calibration part has 9" in chosen.note
    ten = choose_threshold(ranked([*nine, (50.0, True)]), rule, 0.51)
    assert ten[:2] == (0.25, True)


@pytest.mark.parametrize("wanted", [0.1, 0.5, 0.7, 1.0])
def test_recall_takes_the_highest_threshold_that_finds_enough(wanted: float) -> None:
    """One right answer fewer would be too few."""
    rule = LabelThresholdRule(objective="recall", min_recall=wanted)
    chosen = choose_threshold(ranked(MANY), rule, 0.01)
    hits, _ = counts_at(MANY, chosen.threshold)
    assert hits / 30 >= wanted
    assert (hits - 1) / 30 < wanted
    assert chosen.met


def test_recall_beyond_what_was_answered_cannot_be_met() -> None:
    """Examples that the service did not answer are out of reach of every threshold."""
    rule = LabelThresholdRule(objective="recall", min_recall=0.99)
    chosen = choose_threshold(ranked(MANY, unanswered=10), rule, 0.42)
    assert chosen[:2] == (0.42, False)
    assert chosen.note.startswith("No threshold finds 0.99 of its examples; the lowest finds 0.750")


@pytest.mark.parametrize("objective", ["best_f1", "cost", "precision", "recall"])
def test_nothing_is_tuned_without_an_example(objective: str) -> None:
    """False alarms alone tell nothing of a label; its threshold stays and the note says why."""
    rule = LabelThresholdRule.model_validate(
        {"objective": objective, "min_precision": 0.1, "min_recall": 0.1}
    )
    chosen = choose_threshold(ranked([(90.0, False)]), rule, 0.3)
    assert chosen[:2] == (0.3, False)
    assert chosen.note.startswith("The calibration part has no example of it")


@pytest.mark.parametrize("objective", ["best_f1", "precision", "recall"])
def test_a_label_that_was_never_answered_keeps_its_threshold(objective: str) -> None:
    """Without answers there is nothing to cut."""
    rule = LabelThresholdRule.model_validate(
        {"objective": objective, "min_precision": 0.1, "min_recall": 0.1}
    )
    assert choose_threshold(ranked([], unanswered=4), rule, 0.3)[:2] == (0.3, False)


def test_assumed_and_fixed_thresholds_are_not_touched() -> None:
    """They are what they are, with all their decimals, and need no example."""
    nothing = ranked([])
    assumed = choose_threshold(nothing, LabelThresholdRule(), 0.123456789)
    assert assumed == (0.123456789, True, "")
    rule = LabelThresholdRule(objective="fixed", fixed=0.7)
    assert choose_threshold(nothing, rule, 0.1) == (0.7, True, "")


def test_few_examples_are_noted() -> None:
    """A threshold on fourteen examples is said to rest on them only; fifteen go without saying."""
    for count, note in ((1, "It rests on 1 example only."), (14, "It rests on 14 examples only.")):
        answers = [(90.0 - n, True) for n in range(count)]
        assert choose_threshold(ranked(answers), BEST_F1, 0.9).note == note
    enough = [(90.0 - n, True) for n in range(FEW_POSITIVES)]
    assert choose_threshold(ranked(enough), BEST_F1, 0.9).note == ""


def simulated(images: int, seed: int) -> LabelAnswers:
    """Return answers of one label that a fifth of the images have, with overlapping confidences."""
    rng = np.random.default_rng(seed)
    truth = rng.random((images, 1)) < 0.2
    scores = rng.normal(size=(images, 1)) * 1.5 + np.where(truth, 2.25, -2.25)
    return LabelAnswers(("cat",), truth, 100 / (1 + np.exp(-scores)))


@pytest.mark.parametrize("wanted", [0.8, 0.9])
def test_precision_holds_on_fresh_images(wanted: float) -> None:
    """Tuned on 300 images each, thresholds are on average as precise as wanted on fresh ones."""
    fresh = simulated(100_000, seed=99)
    rule = LabelThresholdRule(objective="precision", min_precision=wanted)
    reached = []
    for seed in range(60):
        chosen = choose_threshold(ranked_labels(simulated(300, seed))[0], rule, 0.5)
        assert chosen.met
        outcomes = fresh.at({"cat": chosen.threshold})
        hits, wrong = int(outcomes.hits.sum()), int(outcomes.false_alarms.sum())
        reached.append(hits / (hits + wrong))
    assert float(np.mean(reached)) == pytest.approx(wanted, abs=0.015)
    assert min(reached) > wanted - 0.2


def test_recall_holds_on_fresh_images() -> None:
    """Likewise the share of examples that is found."""
    fresh = simulated(100_000, seed=99)
    rule = LabelThresholdRule(objective="recall", min_recall=0.9)
    reached = []
    for seed in range(60):
        chosen = choose_threshold(ranked_labels(simulated(300, seed))[0], rule, 0.5)
        outcomes = fresh.at({"cat": chosen.threshold})
        reached.append(float(outcomes.hits.sum() / outcomes.truth.sum()))
    assert float(np.mean(reached)) == pytest.approx(0.9, abs=0.02)
