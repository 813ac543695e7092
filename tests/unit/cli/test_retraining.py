"""Tests of the retrain command's sources, and of what it tells a person."""

from pathlib import Path

import pytest

from rcl_flow.cli.retrain_text import outcome_lines, plan_lines
from rcl_flow.cli.retraining import with_arrivals
from rcl_flow.config import FlowConfig
from rcl_flow.core.costs.estimate import Estimate
from rcl_flow.core.retraining.arrivals import ArrivalCounts
from rcl_flow.core.retraining.data_changes import DataChanges
from rcl_flow.core.retraining.drift import Drift, FactorDrift
from rcl_flow.core.retraining.retraining import Retraining, RetrainReason
from rcl_flow.errors import ConfigError, DataNotFoundError
from rcl_flow.pipeline.promotion.outcome import PromotionOutcome
from rcl_flow.pipeline.retraining.outcome import RetrainOutcome, RetrainPlan
from tests.unit.cli.test_planning import STEPS, a_plan
from tests.unit.pipeline.runs.test_outcome_schema import OUTCOME

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1"
DARKER = "production is darker than train: median brightness 0.20 against 0.52"
VERDICT = Retraining(
    train=True,
    reasons=(
        RetrainReason(code="new-images", message="20 images of a changed; 20 are enough."),
        RetrainReason(code="drift", message=f"Production has drifted: {DARKER}."),
    ),
    changes=DataChanges(new=20, removed=1, by_label={"a": 21}),
    base_version_arn=ARN,
)
DRIFT = Drift(
    train_images=100,
    production_images=80,
    compared=True,
    factors=(
        FactorDrift(
            factor="brightness",
            told=DARKER,
            distance=0.8,
            p_value=1e-9,
            train_median=0.52,
            production_median=0.2,
        ),
    ),
)


@pytest.fixture
def config(tmp_path: Path) -> FlowConfig:
    """Return a config that names one source of arrivals."""
    return FlowConfig.model_validate(
        {
            "project": "p",
            "workspace": str(tmp_path / "workspace"),
            "data": {
                **{split: {"folder": split} for split in ("train", "test", "holdout")},
                "arrivals": [{"folder": "known"}],
            },
        }
    )


def test_sources_join_those_of_the_config_in_their_order(
    config: FlowConfig, tmp_path: Path
) -> None:
    """Images first, then what was reviewed, which knows better."""
    folder, table = tmp_path / "new", tmp_path / "more.csv"
    (folder / "cat").mkdir(parents=True)
    (folder / "cat" / "1.png").write_bytes(b"x")
    table.write_text("image,label\ncat/1.png,cat\n")
    found = with_arrivals(config, [str(folder), str(table)], ["tasks.json", "queue.manifest"])
    assert [(source.kind, source.uri) for source in found.data.arrivals] == [
        ("folder", "known"),
        ("folder", str(folder)),
        ("csv", str(table)),
        ("label-studio", "tasks.json"),
        ("manifest", "queue.manifest"),
    ]
    assert found.data.arrivals[3].images == "."
    assert with_arrivals(config, [], []) == config


def test_source_that_cannot_be_told_names_the_cure(config: FlowConfig, tmp_path: Path) -> None:
    """One clear error, whether nothing is there or nobody can tell what it is."""
    with pytest.raises(DataNotFoundError, match="There is nothing at"):
        with_arrivals(config, [str(tmp_path / "nothing")], [])
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(ConfigError, match="format") as caught:
        with_arrivals(config, [str(tmp_path / "x.txt")], [])
    assert "data.arrivals" in caught.value.hint
    with pytest.raises(ConfigError, match="no reviewed queue"):
        with_arrivals(config, [], ["queue.csv"])


def test_empty_place_is_not_the_current_folder(config: FlowConfig, tmp_path: Path) -> None:
    """`--images "$NEW"` without NEW would train on whatever lies around."""
    for given in (([""], []), ([str(tmp_path)], [" "])):
        with pytest.raises(ConfigError, match="is empty") as caught:
            with_arrivals(config, *given)
        assert "variable of the shell" in caught.value.hint


def test_text_tells_the_policy_s_reasons_the_run_and_the_champion() -> None:
    """All that a person decides by, in 80 columns."""
    promotion = PromotionOutcome(
        project="p", status="promoted", run_id=OUTCOME.run_id, project_version_arn=ARN
    )
    outcome = RetrainOutcome(
        status="completed",
        verdict=VERDICT,
        arrivals=ArrivalCounts(joined=20, in_test=2, left_holdout=3, unlabelled=4),
        drift=DRIFT,
        runs=(OUTCOME,),
        promotion=promotion,
    )
    lines = "\n".join(outcome_lines("p", outcome, paid=True)).splitlines()
    assert lines[:9] == [
        "retrain   p  completed",
        "policy    20 images of a changed; 20 are enough.",
        "          Production has drifted: production is darker than train: median",
        "          brightness 0.20 against 0.52.",
        "changes   20 new, 0 relabelled, 1 removed since",
        f"          {ARN}",
        "arrivals  20 joined train, 3 from the holdout, 2 test images left out, 4 without",
        "          a label left out",
        f"drift     {DARKER}",
    ]
    assert f"run       {OUTCOME.run_id}  completed" in lines
    assert f"promoted  {OUTCOME.run_id}" in lines


def test_text_of_a_skipped_retraining_is_short() -> None:
    """No run and no champion were touched."""
    verdict = Retraining(
        train=False, reasons=(RetrainReason(code="unchanged", message="Nothing has changed."),)
    )
    few = Drift(train_images=100, production_images=3, compared=False)
    outcome = RetrainOutcome(status="skipped", verdict=verdict, arrivals=ArrivalCounts(), drift=few)
    assert list(outcome_lines("p", outcome, paid=True)) == [
        "retrain   p  skipped",
        "policy    Nothing has changed.",
        "changes   0 new, 0 relabelled, 0 removed since ever: nothing was trained before",
        "arrivals  none",
        "drift     not judged: 3 images of production against 100 of train are too few",
    ]


def test_text_of_a_plan_says_what_would_be_trained() -> None:
    """The verdict, the images, how many trainings, and what stands against it."""
    plan = RetrainPlan(
        status="would-train",
        verdict=VERDICT,
        arrivals=ArrivalCounts(),
        images={"train": 100, "test": 20},
        trainings=3,
        errors=("train and test share an image.",),
    )
    lines = list(plan_lines("p", plan))
    assert lines[0] == "retrain   p  would train"
    assert lines[-3:] == [
        "images    train 100, test 20 different ones",
        "trainings 3",
        "refused   train and test share an image.",
    ]


@pytest.mark.parametrize(
    ("free", "usd", "told"),
    [
        (0, 12.9, "3, each at the cost below: together $12.90; a budget holds for each"),
        (
            1,
            8.6,
            "3, 1 of which cost nothing any more; each other at the cost below: together $8.60; "
            "a budget holds for each",
        ),
        (
            3,
            0.0,
            "3, none of which costs anything any more: together $0.00; a budget holds for each",
        ),
    ],
)
def test_text_of_a_plan_says_what_repeated_trainings_cost_together(
    free: int, usd: float, told: str
) -> None:
    """Those that are there already are not counted again."""
    plan = RetrainPlan(
        status="would-train",
        verdict=VERDICT,
        arrivals=ArrivalCounts(),
        images={"train": 100, "test": 20},
        trainings=3,
        plan=a_plan(STEPS),
        free=free,
        usd=Estimate(low=usd, expected=usd, high=usd),
    )
    text = " ".join(" ".join(plan_lines("p", plan)).split())
    assert f"trainings {told} shades on aws" in text


def test_text_of_an_emulated_retraining_says_that_nothing_is_paid() -> None:
    """Of what it was, and of what it would be."""
    outcome = RetrainOutcome(
        status="completed", verdict=VERDICT, arrivals=ArrivalCounts(), runs=(OUTCOME,)
    )
    assert "cost      nothing was paid; on AWS $" in "\n".join(
        outcome_lines("p", outcome, paid=False)
    )
    plan = RetrainPlan(
        status="would-train",
        verdict=VERDICT,
        arrivals=ArrivalCounts(),
        images={"train": 100},
        trainings=2,
        plan=a_plan(STEPS).model_copy(update={"backend": "emulator"}),
        usd=Estimate(low=1.0, expected=1.0, high=1.0),
    )
    assert "together $1.00 on AWS;" in " ".join(" ".join(plan_lines("p", plan)).split())
