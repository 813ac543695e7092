"""Tests of plans: they change nothing, say what a run then does, and predict its bill."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rcl_flow.core.costs.estimate import NOTHING
from rcl_flow.core.costs.plan import Plan
from rcl_flow.emulator.conditions.clock import ManualClock, SkippingClock
from rcl_flow.errors import BudgetExceededError, DatasetGateError
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.planning import make_plan
from rcl_flow.pipeline.runs.outcome import OUTCOME_NAME
from rcl_flow.pipeline.runs.run import Pause
from rcl_flow.pipeline.runs.shared_folders import share_folder
from tests.unit.pipeline.payer import TRAINING_SECONDS, Payer, paying, unchanged

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Clients

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/none/version/v/1600000000000"


@pytest.fixture
def payer(aws_clients: "Clients", tmp_path: Path) -> Iterator[Payer]:
    """Return a payer for whom a state in progress is over at the second look."""
    with paying(aws_clients, tmp_path, SkippingClock()) as payer:
        yield payer


@pytest.fixture
def waiter(aws_clients: "Clients", tmp_path: Path) -> Iterator[Payer]:
    """Return a payer who has to wait for everything."""
    with paying(aws_clients, tmp_path, ManualClock()) as payer:
        yield payer


def actions(plan: Plan) -> dict[str, str]:
    """Return what is to be done, step by step."""
    return {step.step: step.action for step in plan.steps}


def test_plan_of_a_first_run_creates_everything(payer: Payer) -> None:
    """Nothing is there; the plan says so, and nothing is there afterwards."""
    with unchanged(payer):
        plan = payer.plan("a")
    assert plan.status == "planned"
    assert actions(plan) == {
        "bucket": "create",
        "images": "send",
        "manifests": "send",
        "project": "create",
        "TRAIN dataset": "create",
        "TEST dataset": "create",
        "version": "train",
        "watchdog": "create",
        "model": "start",
        "report": "create",
    }
    assert plan.history == 0


def test_plan_names_the_calls_that_the_run_then_makes(payer: Payer) -> None:
    """Each create, start, stop and paid question, by its number."""
    plan = payer.plan("a")
    payer.run("a")
    made = payer.changing_calls()
    planned = {name: n for name, n in plan.calls.items() if name in made and "Tag" not in name}
    assert planned == {name: made[name] for name in planned}
    assert planned["DetectCustomLabels"] == 30
    assert {"CreateProject", "CreateDataset", "CreateProjectVersion"} <= set(planned)
    assert {"StartProjectVersion", "StopProjectVersion"} <= set(planned)
    assert set(made) <= set(plan.calls)


def test_plan_of_a_first_run_predicts_the_bill(payer: Payer) -> None:
    """Without history the emulator's own settings and the published pace are near enough."""
    plan = payer.plan("a")
    payer.run("a")
    assert plan.cost.usd.expected == pytest.approx(payer.bill()["usd"], rel=0.1)
    assert plan.cost.usd.low <= payer.bill()["usd"] <= plan.cost.usd.high


def test_plan_of_a_run_that_another_machine_finished_has_nothing_to_do(payer: Payer) -> None:
    """Its outcome is in the shared store; as `run` would say, and without a file written here."""
    services = replace(payer.services, state_is_shared=True)
    run_flow(payer.config("a"), services, Options())
    folders = services.workspace / "runs"
    shutil.rmtree(folders)
    plan = payer.plan("a")
    assert (plan.status, actions(plan)) == ("unchanged", {"run": "nothing"})
    assert not folders.exists()


@pytest.mark.parametrize("shared", [True, False])
def test_plan_of_a_run_whose_outcome_cannot_be_read_is_to_be_done(
    payer: Payer, *, shared: bool
) -> None:
    """The run itself goes on then, so nobody may take it for free without looking."""
    services = replace(payer.services, state_is_shared=shared)
    done = run_flow(payer.config("a"), services, Options())
    path = services.workspace / "runs" / done.run_id / OUTCOME_NAME
    path.write_text('{"of": "a newer version"}')
    if shared:
        share_folder(done.run_id, services)
        shutil.rmtree(path.parent)
    plan = payer.plan("a")
    assert (plan.status, actions(plan)["report"]) == ("planned", "create")


def test_plan_of_new_data_predicts_the_bill(payer: Payer) -> None:
    """After one run, three times the holdout is foreseen within a tenth: in dollars and in time."""
    payer.run("a")
    before = payer.bill()
    with unchanged(payer):
        plan = payer.plan("b")
    assert plan.history == 2
    payer.run("b")
    used = {name: after - before[name] for name, after in payer.bill().items()}
    cost = plan.cost
    assert cost.usd.expected == pytest.approx(used["usd"], rel=0.1)
    assert cost.training_seconds.expected == pytest.approx(used["billed_training_seconds"], rel=0.1)
    assert cost.inference_seconds.expected == pytest.approx(used["inference_unit_seconds"], rel=0.1)


def test_plan_of_new_data_replaces_the_datasets(payer: Payer) -> None:
    """The project and its bucket stay; a project has one dataset of each kind."""
    payer.run("a")
    planned = actions(payer.plan("b"))
    assert planned["bucket"] == planned["project"] == "reuse"
    assert planned["TRAIN dataset"] == planned["TEST dataset"] == "replace"
    assert planned["version"] == "train"


def test_plan_of_a_finished_run_does_nothing_and_costs_nothing(payer: Payer) -> None:
    """Running it again would change nothing, and that is free."""
    outcome = payer.run("a")
    with unchanged(payer):
        plan = payer.plan("a")
    assert plan.status == "unchanged"
    assert plan.calls == {}
    assert plan.cost.usd == NOTHING
    assert outcome.run_id in plan.steps[0].detail
    bill = payer.bill()
    assert payer.run("a").status == "unchanged"
    assert payer.bill() == bill


def test_plan_with_other_gates_reuses_version_and_answers(payer: Payer) -> None:
    """Another question to the same model is free."""
    payer.run("a")
    plan = payer.plan("a", gates={"min_holdout_f1": 0.1})
    assert actions(plan) == {
        "bucket": "reuse",
        "images": "nothing",
        "manifests": "nothing",
        "datasets": "nothing",
        "version": "reuse",
        "model": "nothing",
        "report": "create",
    }
    assert plan.cost.usd == NOTHING
    assert plan.calls == {}


def test_plan_counts_only_the_known_answers_of_this_holdout(payer: Payer) -> None:
    """What the version has answered of other images saves no question."""
    payer.run("a")
    folders = {"train": "a", "test": "a", "holdout": "b"}
    root = payer.bench.folder
    data = {split: {"folder": str(root / name / split)} for split, name in folders.items()}
    detail = next(step.detail for step in payer.plan("a", data=data).steps if step.step == "model")
    assert "for 90 images; then stopped" in detail
    more = root / "more"
    shutil.copytree(root / "b" / "holdout", more)
    shutil.copytree(root / "a" / "holdout", more, dirs_exist_ok=True)
    data["holdout"] = {"folder": str(more)}
    detail = next(step.detail for step in payer.plan("a", data=data).steps if step.step == "model")
    assert "for 90 images, 30 answers are known; then stopped" in detail


def test_plan_adopts_a_training_that_goes_on(waiter: Payer) -> None:
    """It is not asked for again, and still has to be paid for."""
    while not waiter.changing_calls().get("CreateProjectVersion"):
        with pytest.raises(Pause):
            run_flow(waiter.config("a"), waiter.services, Options(blocking=False))
    plan = waiter.plan("a")
    assert actions(plan)["version"] == "adopt"
    assert "CreateProjectVersion" not in plan.calls
    assert plan.cost.training_seconds.expected == TRAINING_SECONDS


def test_plan_predicts_the_bill_of_one_who_waits(waiter: Payer) -> None:
    """However late the end of a state is seen."""
    waiter.run("a")
    before = waiter.bill()["usd"]
    plan = waiter.plan("b")
    waiter.run("b")
    assert plan.cost.usd.expected == pytest.approx(waiter.bill()["usd"] - before, rel=0.1)


def test_plan_is_refused_where_the_run_would_be(payer: Payer) -> None:
    """A bucket that must not be made, a closed gate, a missing version: said, not raised."""
    plans = [
        payer.plan("a", storage={"create_bucket": False}),
        payer.plan("a", data=leaking(payer)),
        payer.plan("a", project="none", model={"project_version_arn": ARN}),
    ]
    assert [plan.status for plan in plans] == ["refused"] * 3
    assert [plan.steps[-1].step for plan in plans] == ["bucket", "audit", "version"]
    assert all(plan.steps[-1].action == "refuse" for plan in plans)
    assert all(plan.cost.usd == NOTHING for plan in plans)


def test_thresholds_that_cannot_be_tuned_are_told_before_anything_is_paid_for(
    payer: Payer,
) -> None:
    """Plan and run say so before a training; with a model that is there, before it is started."""
    tuned = {"thresholds": {"objective": "best_f1"}}
    misspelt = {"thresholds": {"labels": {"rde": {"objective": "fixed", "fixed": 0.5}}}}
    plans = [payer.plan("a", evaluation=rules) for rules in (tuned, misspelt)]
    assert [(plan.status, plan.steps[-1].step) for plan in plans] == [("refused", "thresholds")] * 2
    assert "9 of the 30 holdout images are for calibration" in plans[0].steps[-1].detail
    assert "names 'rde'" in plans[1].steps[-1].detail
    with unchanged(payer), pytest.raises(DatasetGateError, match="9 of the 30 holdout images"):
        payer.run("a", evaluation=tuned)
    model = {"project_version_arn": payer.run("a").project_version_arn}
    calls = payer.changing_calls()
    few = {"thresholds": {"objective": "best_f1", "calibration_share": 0.1}}
    with pytest.raises(DatasetGateError, match="9 of the 90 holdout images"):
        payer.run("b", model=model, evaluation=few)
    assert payer.changing_calls()["StartProjectVersion"] == calls["StartProjectVersion"]


def leaking(payer: Payer) -> dict[str, object]:
    """Return data whose holdout is its training set."""
    train = str(payer.bench.folder / "a" / "train")
    test = str(payer.bench.folder / "a" / "test")
    return {"train": {"folder": train}, "test": {"folder": test}, "holdout": {"folder": train}}


def test_plan_says_what_the_budget_says(payer: Payer) -> None:
    """A tenth of a dollar does not pay an hour's training; ten dollars do."""
    verdicts = [payer.plan("a", budget={"max_usd": usd}).budget.verdict for usd in (0.1, 1.04, 10)]
    assert verdicts == ["exceeds", "may-exceed", "within"]
    assert payer.plan("a").budget.verdict == "none"


def test_plan_chooses_the_units_for_the_deadline(payer: Payer) -> None:
    """The first run measures with one unit; then the measured pace and the deadline decide."""
    inference = {"inference_units": "auto", "deadline_minutes": 0.05, "concurrency": 1}
    assert payer.plan("a", inference=inference).cost.inference_units == 1
    payer.run("a")
    assert payer.plan("b", inference=inference).cost.inference_units > 1


def test_plan_on_aws_without_history_is_the_published_range(payer: Payer) -> None:
    """Half an hour to 24 hours: nobody knows better before the first training."""
    services = payer.services
    backend = services.backend.model_copy(update={"kind": "aws"})
    config = payer.config("a", backend="aws", storage={"bucket": "acme", "create_bucket": True})
    plan = make_plan(config, replace(services, backend=backend))
    assert plan.cost.training_seconds.low == 1800
    assert plan.cost.training_seconds.high == 24 * 3600
    assert plan.cost.training_usd.high == 24


def test_run_refuses_a_training_that_the_budget_cannot_pay(payer: Payer) -> None:
    """Nothing is sent or asked for when even the least estimate is beyond the budget."""
    before = payer.changing_calls()
    with pytest.raises(BudgetExceededError, match=r"would cost 1\.00 USD or more") as caught:
        payer.run("a", budget={"max_usd": 0.5})
    assert caught.value.exit_code == 8
    assert payer.changing_calls() == before


@pytest.mark.parametrize(
    ("consent", "budget", "looks"),
    [(True, {}, 1), (False, {"max_usd": 50}, 1), (False, {}, 3)],
)
def test_run_plans_only_where_nobody_has_agreed_to_pay(
    payer: Payer, consent: bool, budget: dict[str, float], looks: int
) -> None:
    """Before the lease and under it, for what costs nothing; each plan asks AWS once."""
    paid = {"backend": "aws", "storage": {"bucket": "acme-images", "create_bucket": True}}
    run_flow(payer.config("a", **paid), payer.services, Options(consent=True))
    free = payer.config("a", **paid, budget=budget, gates={"min_holdout_f1": 0.1})
    before = payer.bench.world.calls.counts()["DescribeProjects"]
    assert run_flow(free, payer.services, Options(consent=consent)).status == "completed"
    assert payer.bench.world.calls.counts()["DescribeProjects"] - before == looks
