"""Tests of letting a challenger take the champion's place, and of going back.

All runs are made once; each test decides about them in a copy of the workspace.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rcl_flow.core.promotion.decision import Keep, Reason
from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import (
    AwsRefusedError,
    ChampionChangedError,
    ConsentNeededError,
    UnknownChampionError,
)
from rcl_flow.pipeline.history.champions import (
    champion_key,
    commit,
    find_champion,
    read_events,
    see_champion,
)
from rcl_flow.pipeline.promotion.contending import Ring
from rcl_flow.pipeline.promotion.outcome import PromotionOutcome
from rcl_flow.pipeline.promotion.promoting import promote_after, promote_by_hand
from rcl_flow.pipeline.promotion.rolling_back import roll_back
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.pipeline.runs.shared_folders import share_folder
from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.champion_bench import HOLDOUT, ChampionBench
from tests.unit.pipeline.conftest import end_threads

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Clients

FEW, MANY = 6, 10


@dataclass(frozen=True)
class Trained:
    """A project with its runs."""

    project: ChampionBench
    runs: Mapping[str, RunOutcome]


@pytest.fixture(scope="module")
def trained(aws_clients: "Clients", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    """Train a model on few images, better ones on many, and a bad one on wrong labels."""
    world = World(clock=ManualClock(), training_noise=0.2)
    with emulated_aws(world):
        aws_clients[1].create_bucket(Bucket=BUCKET)
        project = ChampionBench(Bench(tmp_path_factory.mktemp("made"), world, *aws_clients))
        project.write_sets()
        runs = {
            "first": project.train(FEW),
            "better": project.train(MANY),
            "again": project.train(MANY, repeat_index=2),
            "bad": project.train(MANY, mislabelled=True),
        }
        yield Trained(project, runs)
        end_threads()


@pytest.fixture
def project(trained: Trained, tmp_path: Path) -> ChampionBench:
    """Return a copy of the project, in which nothing was decided yet."""
    return trained.project.copied(tmp_path / "copy")


def champion_of(project: ChampionBench) -> str:
    """Return the run whose model holds the place."""
    found = find_champion("digits", project.services())
    return found.run_id if found else ""


def kinds_of(project: ChampionBench) -> list[str]:
    """Return what was decided so far."""
    services = project.services()
    return [e.kind for e in read_events("digits", services.backend.identity, services.store)]


def gates_of(outcome: PromotionOutcome) -> list[str]:
    """Return what the reasons are about."""
    return [reason.gate for reason in outcome.reasons]


def test_first_model_is_promoted_and_a_better_one_takes_its_place(
    project: ChampionBench, trained: Trained
) -> None:
    """The second is compared with the first, answer by answer on the same images."""
    first = project.promote(trained.runs["first"])
    assert (first.status, first.before, first.paired) == ("promoted", None, None)
    second = project.promote(trained.runs["better"])
    assert second.status == "promoted"
    assert second.before is not None
    assert second.before.run_id == trained.runs["first"].run_id
    assert second.paired is not None
    assert second.paired.images == 3 * HOLDOUT
    assert second.paired.f1 == pytest.approx(
        trained.runs["better"].holdout.f1 - trained.runs["first"].holdout.f1
    )
    assert second.champion is not None
    assert (second.champion.run_id, second.champion.status) == (
        trained.runs["better"].run_id,
        "STOPPED",
    )
    assert Path(second.page).is_file()
    assert champion_of(project) == trained.runs["better"].run_id
    assert project.kinds() == ["champion-promoted", "champion-promoted"]


def test_bad_model_is_kept_out_and_the_reasons_are_in_the_history(
    project: ChampionBench, trained: Trained
) -> None:
    """A week of wrong labels does not reach production; who decided what is written down."""
    project.promote(trained.runs["better"])
    kept = project.promote(trained.runs["bad"])
    assert kept.status == "kept"
    assert "max_loss" in gates_of(kept)
    assert champion_of(project) == trained.runs["better"].run_id
    services = project.services()
    event = read_events("digits", services.backend.identity, services.store)[-1]
    assert event.kind == "kept"
    assert event.by == services.holder.host
    assert event.reasons == kept.reasons
    assert event.before_run_id == trained.runs["better"].run_id
    assert project.kinds()[-1] == "champion-kept"


def test_same_runs_are_decided_once(project: ChampionBench, trained: Trained) -> None:
    """A tick that is replayed changes nothing, announces nothing and tells the same."""
    project.promote(trained.runs["better"])
    kept = project.promote(trained.runs["bad"])
    again = project.promote(trained.runs["bad"])
    assert again.status == "unchanged"
    assert (again.reasons, again.event) == (kept.reasons, kept.event)
    assert project.promote(trained.runs["better"]).status == "unchanged"
    assert kinds_of(project) == ["promoted", "kept"]
    assert len(project.kinds()) == 2


def test_other_rules_decide_anew(project: ChampionBench, trained: Trained) -> None:
    """Whoever changes the margin wants another decision."""
    project.promote(trained.runs["better"])
    project.promote(trained.runs["bad"])
    lax = {"max_loss": 1.0, "allow_regressed_labels": True}
    assert project.promote(trained.runs["bad"], promotion=lax).status == "promoted"


def test_failed_gates_keep_even_the_first_model(project: ChampionBench, trained: Trained) -> None:
    """No champion is better than one that nobody accepted; there is none to serve."""
    reason = Reason(gate="min_holdout_f1", message="Too low.")
    refused = trained.runs["first"].model_copy(update={"decision": Keep(reasons=(reason,))})
    kept = project.promote(refused)
    assert (kept.status, kept.reasons, kept.champion) == ("kept", (reason,), None)
    assert champion_of(project) == ""
    assert kinds_of(project) == ["kept"]


def test_of_several_trainings_the_median_is_put_forward(
    project: ChampionBench, trained: Trained
) -> None:
    """Of two the lower. Their spread is told, and is in the interval of the data's effect."""
    project.promote(trained.runs["first"])
    repeats = [trained.runs[name] for name in ("better", "again")]
    assert len({each.project_version_arn for each in repeats}) == 2
    decided = project.promote(*repeats)
    assert decided.noise is not None
    assert decided.noise.repeats == 2
    assert decided.noise.spread is not None
    assert decided.noise.interval is not None
    by_f1 = sorted(repeats, key=lambda each: each.holdout.f1)
    assert decided.paired is not None
    assert decided.paired.challenger_f1 == pytest.approx(by_f1[0].holdout.f1)
    assert set(decided.run_ids) == {each.run_id for each in repeats}


def test_trainings_on_the_champions_data_count_against_the_next(
    project: ChampionBench, trained: Trained
) -> None:
    """What was trained beside the champion tells how much of its score was luck."""
    project.promote(*(trained.runs[name] for name in ("better", "again")))
    kept = project.promote(trained.runs["bad"])
    assert kept.noise is not None
    assert (len(kept.noise.champion_f1), kept.noise.repeats) == (2, 1)
    assert kept.noise.spread is not None


def test_champion_among_the_trainings_stays(project: ChampionBench, trained: Trained) -> None:
    """The data have not changed, so there is nothing that could be better."""
    project.promote(trained.runs["better"])
    outcome = project.promote(trained.runs["better"], trained.runs["again"])
    assert (outcome.status, outcome.event) == ("unchanged", 0)
    assert kinds_of(project) == ["promoted"]


def other_holdout(project: ChampionBench) -> None:
    """Replace a few images of the holdout."""
    project.write("holdout", project.chosen("holdout", HOLDOUT, start=2))


def test_champion_of_another_holdout_is_judged_on_the_present_one(
    project: ChampionBench, trained: Trained
) -> None:
    """Only the images that are new are asked for; then both have judged the same."""
    project.promote(trained.runs["first"])
    other_holdout(project)
    challenger = project.train(MANY)
    asked = project.bench.calls("DetectCustomLabels")
    decided = project.promote(challenger)
    assert decided.judged_again not in {"", trained.runs["first"].run_id, challenger.run_id}
    assert decided.paired is not None
    assert decided.paired.images == 3 * HOLDOUT
    assert project.bench.calls("DetectCustomLabels") - asked == 6
    assert project.bench.calls("CreateProjectVersion") == 4
    assert decided.before is not None
    assert decided.before.status == "STOPPED"


def test_interrupted_judging_of_the_champion_goes_on_with_the_same_run(
    project: ChampionBench, trained: Trained
) -> None:
    """Nothing is decided before it has ended, and what was answered is not asked for again."""
    project.promote(trained.runs["first"])
    other_holdout(project)
    challenger = project.train(MANY)
    project.bench.arm("DetectCustomLabels", "AccessDeniedException")
    asked = project.bench.calls("DetectCustomLabels")
    with pytest.raises(AwsRefusedError):
        project.promote(challenger)
    assert kinds_of(project) == ["promoted"]
    runs = len(list((project.folder / "runs").iterdir()))
    decided = project.promote(challenger)
    assert decided.judged_again
    assert len(list((project.folder / "runs").iterdir())) == runs
    assert project.bench.calls("DetectCustomLabels") - asked <= 12
    assert kinds_of(project) == ["promoted", decided.status]
    assert project.promote(challenger).status == "unchanged"


def test_judging_the_champion_again_wants_consent_on_aws(
    project: ChampionBench, trained: Trained
) -> None:
    """It starts a model, which costs money; nothing is decided without it."""
    project.promote(trained.runs["first"])
    other_holdout(project)
    challenger = project.train(MANY)
    services = project.services()
    config = project.config().model_copy(update={"backend": "aws"})
    started = project.bench.calls("StartProjectVersion")
    with pytest.raises(ConsentNeededError):
        promote_after([challenger], config, services, project.log(services))
    assert project.bench.calls("StartProjectVersion") == started
    assert kinds_of(project) == ["promoted"]


def test_parameter_holds_the_champion_and_a_failed_write_is_made_up_for(
    project: ChampionBench, trained: Trained
) -> None:
    """The store decides; the parameter follows, at the latest with the next call."""
    rules = {"max_loss": 0.1, "ssm_parameter": "/digits/champion"}
    first = project.promote(trained.runs["first"], promotion=rules)
    assert first.parameter is not None
    assert first.parameter.written
    assert project.parameters == {"/digits/champion": trained.runs["first"].project_version_arn}

    def refuse(_name: str, _value: str) -> None:
        raise AwsRefusedError("Denied.", hint="", operation="PutParameter", code="AccessDenied")

    project.write_parameter = refuse
    second = project.promote(trained.runs["better"], promotion=rules)
    assert second.parameter is not None
    assert (second.parameter.written, second.parameter.error) == (False, "Denied.")
    assert champion_of(project) == trained.runs["better"].run_id
    project.write_parameter = None
    third = project.promote(trained.runs["better"], promotion=rules)
    assert (third.status, third.parameter and third.parameter.written) == ("unchanged", True)
    assert project.parameters == {"/digits/champion": trained.runs["better"].project_version_arn}


def test_by_hand_a_bad_model_is_refused_and_nothing_changes(
    project: ChampionBench, trained: Trained
) -> None:
    """The reasons are told; the history has only what was done."""
    project.promote(trained.runs["better"])
    refused = promote_by_hand(trained.runs["bad"], project.ring(), force=False)
    assert (refused.status, refused.event) == ("kept", 0)
    assert "max_loss" in gates_of(refused)
    assert kinds_of(project) == ["promoted"]
    assert project.kinds() == ["champion-promoted"]


def test_by_hand_and_force_it_is_promoted_and_the_history_tells_so(
    project: ChampionBench, trained: Trained
) -> None:
    """What spoke against it stays readable."""
    project.promote(trained.runs["better"])
    done = promote_by_hand(trained.runs["bad"], project.ring(), force=True)
    assert (done.status, done.forced) == ("promoted", True)
    assert champion_of(project) == trained.runs["bad"].run_id
    services = project.services()
    event = read_events("digits", services.backend.identity, services.store)[-1]
    assert (event.forced, event.by_hand) == (True, True)
    assert "max_loss" in [reason.gate for reason in event.reasons]
    assert promote_by_hand(trained.runs["bad"], project.ring(), force=True).status == "unchanged"


def test_force_that_was_not_needed_is_no_force(project: ChampionBench, trained: Trained) -> None:
    """The rules allowed it."""
    done = promote_by_hand(trained.runs["first"], project.ring(), force=True)
    assert (done.status, done.forced) == ("promoted", False)


def test_rollback_goes_back_step_by_step_and_to_a_named_run(
    project: ChampionBench, trained: Trained
) -> None:
    """To the champion before, then no further; forward again by name."""
    first, better = trained.runs["first"], trained.runs["better"]
    project.promote(first)
    project.promote(better)
    back = roll_back("digits", project.services())
    assert (back.status, back.run_id) == ("rolled back", first.run_id)
    assert back.before is not None
    assert back.before.run_id == better.run_id
    assert champion_of(project) == first.run_id
    assert project.kinds()[-1] == "champion-rolled-back"
    with pytest.raises(UnknownChampionError, match="no champion of digits before"):
        roll_back("digits", project.services())
    forward = roll_back("digits", project.services(), better.run_id)
    assert forward.run_id == better.run_id
    with pytest.raises(UnknownChampionError, match="already"):
        roll_back("digits", project.services(), better.run_id)
    with pytest.raises(UnknownChampionError, match="was ever champion"):
        roll_back("digits", project.services(), trained.runs["bad"].run_id)


def test_rollback_without_champion_is_refused(project: ChampionBench) -> None:
    """There is nothing to go back from."""
    with pytest.raises(UnknownChampionError, match="has no champion"):
        roll_back("digits", project.services())


def test_model_that_was_rolled_back_is_not_promoted_by_a_schedule(
    project: ChampionBench, trained: Trained
) -> None:
    """Not even under other rules; a person may."""
    project.promote(trained.runs["first"])
    project.promote(trained.runs["better"])
    roll_back("digits", project.services())
    assert project.promote(trained.runs["better"]).status == "unchanged"
    kept = project.promote(trained.runs["better"], promotion={"max_loss": 0.5})
    assert (kept.status, gates_of(kept)) == ("kept", ["rollback"])
    done = promote_by_hand(trained.runs["better"], project.ring(), force=False)
    assert done.status == "promoted"


def test_rollback_keeps_the_parameter_true(project: ChampionBench, trained: Trained) -> None:
    """It knows its name from the promotion: the command has no config."""
    rules = {"max_loss": 0.1, "ssm_parameter": "/digits/champion"}
    project.promote(trained.runs["first"], promotion=rules)
    project.promote(trained.runs["better"], promotion=rules)
    roll_back("digits", project.services())
    assert project.parameters == {"/digits/champion": trained.runs["first"].project_version_arn}


def test_model_that_is_gone_can_neither_be_promoted_nor_gone_back_to(
    project: ChampionBench, trained: Trained
) -> None:
    """The message names the model and how it stands."""
    gone = "arn:aws:rekognition:us-east-1:123456789012:project/digits/version/rf-0/1760000000000"
    outcome = trained.runs["first"].model_copy(update={"project_version_arn": gone})
    with pytest.raises(UnknownChampionError, match="rf-0/1760000000000 is DELETED"):
        promote_by_hand(outcome, project.ring(), force=True)
    project.promote(outcome)
    project.promote(trained.runs["better"])
    with pytest.raises(UnknownChampionError, match="is DELETED"):
        roll_back("digits", project.services())
    assert champion_of(project) == trained.runs["better"].run_id


def test_champion_that_was_deleted_is_none_to_beat(
    project: ChampionBench, trained: Trained
) -> None:
    """The place is free for whoever passes the gates."""
    gone = "arn:aws:rekognition:us-east-1:123456789012:project/digits/version/rf-0/1760000000000"
    project.promote(trained.runs["first"].model_copy(update={"project_version_arn": gone}))
    done = project.promote(trained.runs["better"])
    assert (done.status, done.paired) == ("promoted", None)
    assert gates_of(done) == ["champion"]


def test_of_two_that_decide_at_once_one_is_refused(
    project: ChampionBench, trained: Trained
) -> None:
    """The loser changes nothing and says what to do."""
    project.promote(trained.runs["first"])
    services = project.services()
    seen = see_champion("digits", services)
    project.promote(trained.runs["better"])
    assert seen.record is not None
    late = seen.record.last.model_copy(update={"number": 2, "run_id": "late"})
    with pytest.raises(ChampionChangedError) as caught:
        commit(late, seen, services)
    assert "run the same command again" in caught.value.hint
    assert champion_of(project) == trained.runs["better"].run_id
    assert kinds_of(project) == ["promoted", "promoted"]


def test_event_that_an_interruption_left_unwritten_is_read_and_made_up_for(
    project: ChampionBench, trained: Trained
) -> None:
    """The alias holds the newest event, so that nothing decided is ever lost."""
    project.promote(trained.runs["first"])
    services = project.services()
    identity = services.backend.identity
    key = f"promotions/{identity}/digits/00000001"
    services.store.delete(key)
    assert kinds_of(project) == ["promoted"]
    project.promote(trained.runs["better"])
    assert services.store.get(key) is not None
    assert services.store.get(champion_key(identity, "digits")) is not None
    assert kinds_of(project) == ["promoted", "promoted"]


def test_another_machine_that_shares_the_state_decides_as_well(
    project: ChampionBench, trained: Trained
) -> None:
    """The folders of champion and challenger are brought there; nobody is judged again."""
    here = replace(project.services(), state_is_shared=True)
    first, better = trained.runs["first"], trained.runs["better"]
    for run in (first, better):
        share_folder(run.run_id, here)
    promote_after([first], project.config(), here, project.log(here))
    there = replace(here, workspace=project.bench.folder / "there")
    decided = promote_after([better], project.config(), there, project.log(there))
    assert (decided.status, decided.judged_again) == ("promoted", "")
    assert decided.paired is not None
    assert Path(decided.page).is_relative_to(there.workspace)
    assert champion_of(project) == better.run_id


def test_hand_made_ring_compares_with_the_promotions_margin(project: ChampionBench) -> None:
    """`max_loss` takes the place of the margin between test and holdout."""
    ring = replace(project.ring(), config=project.config(promotion={"max_loss": 0.03}))
    assert isinstance(ring, Ring)
    assert ring.rules.gap_margin == 0.03
