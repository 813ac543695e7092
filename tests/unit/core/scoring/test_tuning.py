"""Tests of tuning thresholds on one part of the holdout and judging them on the rest."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from rcl_flow.core.datasets.boxes import Box, DetectedBox, PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.answers import Numbers, label_answers
from rcl_flow.core.scoring.applier import apply_thresholds, parse_thresholds
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.f1_change import mean_f1
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.judging import judge_boxes
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.core.scoring.threshold_rules import LabelThresholdRule, ThresholdRules
from rcl_flow.core.scoring.tuning import Tuned, require_tunable, thresholds_document, tune
from rcl_flow.core.training.evaluation import Evaluation
from rcl_flow.errors import ConfigError, DatasetGateError
from tests.builders import evaluation, image, sha256_of

LABELS = ("cat", "dog", "yak")
BEST_F1 = ThresholdRules(objective="best_f1")


def model(labels: Sequence[str] = LABELS, *, assumed: float = 0.5) -> Evaluation:
    """Return an evaluation of a model of these labels and one assumed threshold."""
    made = evaluation([(labels, labels)], dict.fromkeys(labels, (1.0, 1.0, 1.0)))
    entries = [one.model_copy(update={"assumed_threshold": assumed}) for one in made.labels]
    return made.model_copy(update={"labels": tuple(entries)})


def holdout(images: int, seed: int = 0, *, skill: float = 2.0, bias: float = 1.5) -> Judged:
    """Return images of three labels with answers that are too sure of everything by `bias`."""
    rng = np.random.default_rng(seed)
    truth = rng.random((images, 3)) < [0.4, 0.3, 0.2]
    scores = rng.normal(size=truth.shape) + skill * np.where(truth, 0.7, -0.7) + bias
    return answered(truth, 100 / (1 + np.exp(-scores)), prefix=f"s{seed}-")


def answered(
    truth: np.ndarray[Any, np.dtype[np.bool_]], percents: Numbers, *, prefix: str = ""
) -> Judged:
    """Return images with the labels of the rows of `truth`, and what was answered of them."""
    images = tuple(
        image(f"{prefix}{row}", *(LABELS[column] for column in np.flatnonzero(flags)))
        for row, flags in enumerate(truth)
    )
    predictions = {
        one.sha256: Prediction(
            sha256=one.sha256, confidences_percent=dict(zip(LABELS, row, strict=True))
        )
        for one, row in zip(images, percents.tolist(), strict=True)
    }
    return Judged(images, predictions)


def tuned(
    judged: Judged,
    thresholds: ThresholdRules = BEST_F1,
    *,
    of: Evaluation | None = None,
    groups: Mapping[str, str] | None = None,
) -> Tuned:
    """Tune with few resamples and a seed."""
    rules = EvaluationRules(thresholds=thresholds, resamples=300)
    return tune(of or model(), judged, rules, np.random.default_rng(0), groups)


def scores_of(judged: Judged, thresholds: Mapping[str, float]) -> Numbers:
    """Return precision, recall and F1 (rows) of each label by scikit-learn."""
    answers = label_answers(judged.images, judged.predictions, LABELS)
    least = np.array([thresholds[label] * 100 for label in LABELS])
    figures = precision_recall_fscore_support(
        answers.truth, answers.confidences_percent >= least, zero_division=0
    )
    return np.array(figures[:3])


def digests(judged: Judged) -> set[str]:
    """Return the digests of the images."""
    return {one.sha256 for one in judged.images}


def test_tuning_parts_the_holdout() -> None:
    """What is tuned on is not judged, and each part has its own answers alone."""
    whole = holdout(200)
    result = tuned(whole)
    assert len(result.calibration.images) == 60
    assert digests(result.calibration) | digests(result.judged) == digests(whole)
    assert digests(result.calibration).isdisjoint(digests(result.judged))
    assert result.judged.predictions.keys() >= digests(result.judged)
    assert (result.tuning.calibration_images, result.tuning.judged_images) == (60, 140)


def test_tuning_brings_what_scikit_learn_counts_on_the_judged_part() -> None:
    """Each label's figures and the means, at both thresholds, over images not tuned on."""
    result = tuned(holdout(300))
    tuning = result.tuning
    assert tuning.used
    assert result.thresholds == {choice.label: choice.chosen for choice in tuning.labels}
    before = scores_of(result.judged, dict.fromkeys(LABELS, 0.5))
    after = scores_of(result.judged, result.thresholds)
    for column, choice in enumerate(tuning.labels):
        assert choice.at_assumed is not None
        assert choice.at_chosen is not None
        assert tuple(choice.at_assumed.model_dump().values()) == pytest.approx(before[:, column])
        assert tuple(choice.at_chosen.model_dump().values()) == pytest.approx(after[:, column])
    assert tuning.f1_at_assumed == pytest.approx(before[2].mean(), abs=1e-12)
    assert tuning.f1_at_chosen == pytest.approx(after[2].mean(), abs=1e-12)
    low, high = tuning.f1_change_interval
    assert 0 < low < tuning.f1_at_chosen - tuning.f1_at_assumed < high


def test_thresholds_are_the_best_on_the_calibration_part() -> None:
    """No threshold of a fine grid has a better F1 there."""
    result = tuned(holdout(300))
    best = scores_of(result.calibration, result.thresholds)[2]
    for least in np.linspace(0, 1, 101):
        assert (scores_of(result.calibration, dict.fromkeys(LABELS, least))[2] <= best).all()


def test_tuning_does_not_depend_on_the_order_of_images() -> None:
    """The same holdout in another order gives the same thresholds."""
    whole = holdout(200)
    turned = Judged(whole.images[::-1], whole.predictions)
    assert tuned(turned).thresholds == tuned(whole).thresholds


def test_suggestion_changes_nothing_but_tells() -> None:
    """At the assumed thresholds all images count; the suggestion is what tuning would choose."""
    whole = holdout(200)
    result = tuned(whole, ThresholdRules())
    wanted = tuned(whole)
    assert not result.tuning.used
    assert result.thresholds == dict.fromkeys(LABELS, 0.5)
    assert result.judged == whole
    assert {one.label: one.chosen for one in result.tuning.labels} == wanted.thresholds
    assert {one.objective for one in result.tuning.labels} == {"best_f1"}
    assert result.tuning.f1_at_chosen == wanted.tuning.f1_at_chosen
    assert result.tuning.note == ""


def test_fixed_thresholds_are_judged_on_the_whole_holdout() -> None:
    """Nothing is tuned, so nothing is held back; labels without a rule keep the assumed one."""
    whole = holdout(200)
    rules = ThresholdRules(labels={"dog": LabelThresholdRule(objective="fixed", fixed=0.8)})
    result = tuned(whole, rules)
    assert result.tuning.used
    assert result.thresholds == {"cat": 0.5, "dog": 0.8, "yak": 0.5}
    assert result.judged == whole
    assert result.calibration.images == ()
    assert (result.tuning.calibration_images, result.tuning.judged_images) == (0, 200)
    dog = result.tuning.labels[1]
    assert (dog.objective, dog.met, dog.calibration_positives) == ("fixed", True, 0)
    assert result.tuning.f1_at_chosen == pytest.approx(
        scores_of(whole, result.thresholds)[2].mean()
    )


def test_each_label_has_its_objective() -> None:
    """One is tuned, one fixed, one assumed; what was not tuned rests on no example."""
    rules = ThresholdRules(
        labels={
            "dog": LabelThresholdRule(objective="fixed", fixed=0.8),
            "yak": LabelThresholdRule(objective="recall", min_recall=0.9),
        }
    )
    result = tuned(holdout(300), rules)
    cat, dog, yak = result.tuning.labels
    assert (cat.objective, cat.chosen, dog.objective, dog.chosen) == ("assumed", 0.5, "fixed", 0.8)
    shown = sum("yak" in one.labels for one in result.calibration.images)
    assert (cat.calibration_positives, dog.calibration_positives) == (0, 0)
    assert yak.calibration_positives == shown
    assert scores_of(result.calibration, result.thresholds)[1, 2] >= 0.9
    assert result.tuning.used


def test_objective_that_cannot_be_met_keeps_the_assumed_threshold() -> None:
    """The label says so; the others are tuned all the same."""
    rules = ThresholdRules(
        objective="best_f1",
        labels={"yak": LabelThresholdRule(objective="precision", min_precision=1.0)},
    )
    result = tuned(holdout(300, skill=0.5), rules)
    yak = result.tuning.labels[2]
    assert (yak.chosen, yak.met) == (0.5, False)
    assert "No threshold is precise to 1 on the calibration part" in yak.note
    assert all(choice.met for choice in result.tuning.labels[:2])


def test_label_that_the_holdout_lacks_keeps_its_threshold() -> None:
    """It has no score on either side, and does not count in the means."""
    of = model((*LABELS, "unseen"))
    result = tuned(holdout(300), of=of)
    unseen = result.tuning.labels[3]
    assert (unseen.chosen, unseen.met, unseen.at_assumed, unseen.at_chosen) == (
        0.5,
        False,
        None,
        None,
    )
    assert result.tuning.f1_at_chosen == tuned(holdout(300)).tuning.f1_at_chosen


def test_groups_are_not_parted() -> None:
    """Near duplicates of what is tuned on are not judged."""
    whole = holdout(200)
    groups = {one.sha256: f"burst {row // 4}" for row, one in enumerate(whole.images)}
    result = tuned(whole, groups=groups)
    sides = [{groups[d] for d in digests(side)} for side in (result.calibration, result.judged)]
    assert sides[0].isdisjoint(sides[1])
    assert len(sides[0]) == pytest.approx(15, abs=1)


def test_too_few_images_to_tune_on_close_the_gate() -> None:
    """Eighteen images are no calibration part; the message counts, the hint says what to do."""
    with pytest.raises(DatasetGateError) as caught:
        tuned(holdout(60))
    assert caught.value.message == (
        "The thresholds cannot be tuned: 18 of the 60 holdout images are for calibration, "
        "and at least 20 are needed."
    )
    assert "evaluation.thresholds.calibration_share" in caught.value.hint
    assert tuned(holdout(60), ThresholdRules(objective="best_f1", calibration_share=0.4))


@pytest.mark.parametrize(("images", "refusals"), [(60, 2), (90, 0)])
def test_holdout_is_refused_beforehand_where_tuning_would_refuse_it(
    images: int, refusals: int
) -> None:
    """The same words before a training is paid for as after it, also with groups."""
    whole = holdout(images)
    groups = {one.sha256: f"g{number // 3}" for number, one in enumerate(whole.images)}
    told = []
    for act in (
        lambda: tuned(whole, groups=groups),
        lambda: require_tunable(whole.images, LABELS, BEST_F1, groups),
    ):
        try:
            act()
        except DatasetGateError as error:
            told.append((error.message, error.hint))
    assert len(told) == refusals
    assert len(set(told)) <= 1


def test_rules_that_tune_no_label_need_no_calibration_part() -> None:
    """The service's own thresholds and fixed ones are not tuned, in the rule or label by label."""
    assumed = LabelThresholdRule(objective="assumed")
    few = holdout(10).images
    require_tunable(few, LABELS, ThresholdRules())
    require_tunable(few, LABELS, ThresholdRules(objective="fixed", fixed=0.5))
    by_label = dict.fromkeys(LABELS, assumed)
    require_tunable(few, LABELS, ThresholdRules(objective="best_f1", labels=by_label))
    del by_label["yak"]
    with pytest.raises(DatasetGateError, match="3 of the 10 holdout images are for calibration"):
        require_tunable(few, LABELS, ThresholdRules(objective="best_f1", labels=by_label))


def test_too_few_images_leave_the_suggestion_out() -> None:
    """A run that did not ask for tuning goes on, with a note."""
    whole = holdout(60)
    result = tuned(whole, ThresholdRules())
    assert (result.judged, result.calibration.images) == (whole, ())
    assert result.tuning.note.startswith("Nothing is suggested: 18 of the 60 holdout images")
    assert {one.chosen for one in result.tuning.labels} == {0.5}
    assert result.tuning.calibration_images == 0
    assert result.tuning.f1_at_chosen == result.tuning.f1_at_assumed
    assert result.tuning.f1_change_interval == (0.0, 0.0)


def test_labels_must_be_on_both_sides() -> None:
    """With a single labelled image there is nothing to tune on and judge by."""
    truth = np.zeros((100, 3), dtype=np.bool_)
    truth[0, 0] = True
    with pytest.raises(DatasetGateError, match="no label of the model has images in both parts"):
        tuned(answered(truth, np.full((100, 3), 40.0)))


def test_rule_for_a_label_that_the_model_lacks_is_an_error() -> None:
    """A misspelt label is named, and the hint has the right ones."""
    rules = ThresholdRules(labels={"dgo": LabelThresholdRule(objective="best_f1")})
    with pytest.raises(ConfigError, match=r"labels names 'dgo', which the model") as caught:
        tuned(holdout(200), rules)
    assert caught.value.hint == (
        "Correct the name, or leave it out; the labels are 'cat', 'dog', 'yak'."
    )


def test_tuned_score_is_not_flattered() -> None:
    """Tuned on noise, thresholds look good where they were tuned, and no better on the rest.

    Of pure noise the best is to predict everything, which the assumed threshold of 0 does. What
    tuning gains over it on the calibration part is chance, and it must not reach the score.
    """
    of = model(assumed=0.0)
    flattered, honest = [], []
    for seed in range(40):
        result = tuned(holdout(200, seed, skill=0.0), of=of)
        assumed = dict.fromkeys(LABELS, 0.0)
        gains = [
            scores_of(part, result.thresholds)[2].mean() - scores_of(part, assumed)[2].mean()
            for part in (result.calibration, result.judged)
        ]
        flattered.append(gains[0])
        honest.append(result.tuning.f1_at_chosen - result.tuning.f1_at_assumed)
        assert honest[-1] == pytest.approx(gains[1], abs=1e-12)
    assert min(flattered) >= 0
    assert float(np.mean(flattered)) > 0.02
    assert float(np.mean(honest)) < 0


def test_tuned_score_is_that_of_fresh_images() -> None:
    """Over many holdouts the judged part's F1 is on average the F1 on many new images."""
    fresh = holdout(8000, seed=999)
    answers = label_answers(fresh.images, fresh.predictions, LABELS)
    off = []
    for seed in range(40):
        result = tuned(holdout(200, seed))
        off.append(result.tuning.f1_at_chosen - mean_f1(answers.at(result.thresholds)))
    assert float(np.mean(off)) == pytest.approx(0, abs=3 * float(np.std(off)) / len(off) ** 0.5)
    assert float(np.std(off)) < 0.06


def objects(images: int, seed: int) -> Judged:
    """Return images with up to three objects each, found with some luck, and false alarms."""
    rng = np.random.default_rng(seed)
    made, predictions = [], {}
    for number in range(images):
        places = rng.permutation(9)[: rng.integers(0, 4)]
        true = tuple(
            PixelBox(LABELS[rng.integers(0, 3)], left=int(p) * 10, top=10, width=8, height=8)
            for p in places
        )
        found = [
            DetectedBox(
                label=box.label,
                confidence_percent=float(rng.uniform(10, 60)),
                box=Box(left=box.left / 100 + 0.01, top=0.1, width=0.08, height=0.08),
            )
            for box in true
            if rng.random() < 0.8
        ]
        found += [
            DetectedBox(
                label=LABELS[rng.integers(0, 3)],
                confidence_percent=float(rng.uniform(0, 35)),
                box=Box(left=float(rng.uniform(0, 0.9)), top=0.1, width=0.08, height=0.08),
            )
            for _ in range(rng.integers(0, 3))
        ]
        made.append(
            DatasetImage(
                uri=f"{number}.png",
                sha256=sha256_of(f"o{number}"),
                size_bytes=1,
                image_format="PNG",
                labels=tuple(sorted({box.label for box in true})),
                boxes=true,
                width_pixels=100,
                height_pixels=100,
            )
        )
        highest: dict[str, float] = {}
        for box in found:
            highest[box.label] = max(highest.get(box.label, 0.0), box.confidence_percent)
        predictions[made[-1].sha256] = Prediction(
            sha256=made[-1].sha256, confidences_percent=highest, boxes=tuple(found)
        )
    return Judged(tuple(made), predictions)


def test_objects_are_tuned_by_boxes() -> None:
    """Counts are of objects, and agree with judging each image at the chosen thresholds."""
    of = model().model_copy(update={"task": "detection"})
    result = tuned(objects(200, seed=2), of=of)
    judgements = [
        judge_boxes(one, result.judged.predictions[one.sha256], result.thresholds)
        for one in result.judged.images
    ]
    for choice in result.tuning.labels:
        hits, wrong, true = (
            sum(names.count(choice.label) for names in kind)
            for kind in zip(*((j.hits, j.false_alarms, j.truth) for j in judgements), strict=True)
        )
        assert choice.at_chosen is not None
        assert choice.at_chosen.precision == pytest.approx(hits / (hits + wrong))
        assert choice.at_chosen.recall == pytest.approx(hits / true)
        boxes = [box.label for one in result.calibration.images for box in one.boxes]
        assert choice.calibration_positives == boxes.count(choice.label)
    assert result.tuning.f1_change_interval[0] > 0


def test_document_holds_what_a_program_needs() -> None:
    """thresholds.json can be read back, and MinConfidence lets through all that counts."""
    result = tuned(holdout(300))
    document = orjson.loads(orjson.dumps(thresholds_document(result, "arn:x")))
    assert (document["format_version"], document["project_version_arn"]) == (2, "arn:x")
    assert parse_thresholds(orjson.dumps(document)) == result.thresholds
    assert document["assumed_thresholds"] == dict.fromkeys(LABELS, 0.5)
    assert document["objectives"] == dict.fromkeys(LABELS, "best_f1")
    assert "suggested_thresholds" not in document
    assert document["min_confidence_percent"] == pytest.approx(
        min(result.thresholds.values()) * 100
    )
    assert document["calibration"] == {
        "used": True,
        "calibration_images": 90,
        "judged_images": 210,
        "f1_at_assumed": result.tuning.f1_at_assumed,
        "f1_at_chosen": result.tuning.f1_at_chosen,
        "f1_change_interval": list(result.tuning.f1_change_interval),
        "note": "",
        "not_met": [],
    }


def test_document_of_a_suggestion_keeps_the_assumed_thresholds_in_use() -> None:
    """What was not asked for is only suggested; without a suggestion there is no such field."""
    document = thresholds_document(tuned(holdout(200), ThresholdRules()), "arn:x")
    assert document["thresholds"] == document["assumed_thresholds"] == dict.fromkeys(LABELS, 0.5)
    assert document["suggested_thresholds"] == tuned(holdout(200)).thresholds
    assert document["objectives"] == dict.fromkeys(LABELS, "assumed")
    assert document["min_confidence_percent"] == 50.0
    few = thresholds_document(tuned(holdout(60), ThresholdRules()), "arn:x")
    assert "suggested_thresholds" not in few
    assert few["thresholds"] == dict.fromkeys(LABELS, 0.5)


@given(
    st.lists(st.floats(0, 1).map(lambda ratio: round(ratio, 6)), min_size=3, max_size=3),
    st.lists(st.floats(0, 100, width=32), max_size=5),
)
def test_min_confidence_loses_nothing(ratios: list[float], percents: list[float]) -> None:
    """What the service leaves out below MinConfidence is below every threshold as well."""
    fixed = {
        label: LabelThresholdRule(objective="fixed", fixed=ratio)
        for label, ratio in zip(LABELS, ratios, strict=True)
    }
    result = tuned(holdout(20), ThresholdRules(labels=fixed))
    document = thresholds_document(result, "arn:x")
    entries = [{"Name": label, "Confidence": sure} for label in LABELS for sure in percents]
    returned = [one for one in entries if one["Confidence"] >= document["min_confidence_percent"]]
    assert apply_thresholds(returned, result.thresholds) == apply_thresholds(
        entries, result.thresholds
    )
    lowest = min(result.thresholds.values()) * 100
    assert document["min_confidence_percent"] == pytest.approx(lowest, abs=1e-4)
