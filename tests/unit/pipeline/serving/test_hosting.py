"""Tests of models that are kept running on purpose: they have an end, and no run stops them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from rcl_flow.core.naming import MANAGED_TAG, STOP_AFTER_TAG, stop_schedule_name
from rcl_flow.errors import (
    ConfigError,
    ConsentNeededError,
    ModelNotStartedError,
    RunHeldError,
    WatchdogNotArmedError,
)
from rcl_flow.pipeline.costs.spending import spent_by
from rcl_flow.pipeline.predicting.predicting import predict_holdout
from rcl_flow.pipeline.runs.opening import leased
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.serving.abandoned import stop_abandoned
from rcl_flow.pipeline.serving.hosting import (
    Hosting,
    hosting_for,
    keep_running,
    require_hosting_consent,
)
from rcl_flow.pipeline.serving.model_use import using_model
from rcl_flow.pipeline.serving.reaping import reap
from rcl_flow.pipeline.serving.serving import running
from rcl_flow.pipeline.serving.watchdog import format_moment, is_push_due, keep_armed_watched
from rcl_flow.pipeline.state.holding import Holder
from rcl_flow.pipeline.state.ledger import entries_of
from rcl_flow.pipeline.state.records import list_armed
from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.hosted import HOUR, keep, record_of, use_of

BEFORE_START = "before-call.rekognition.StartProjectVersion"
BEFORE_DETECT = "before-call.rekognition.DetectCustomLabels"


def end_on_aws(bench: Bench, version: TrainedVersion) -> tuple[str, str]:
    """Return when tag and schedule stop the model."""
    services = bench.services()
    tags = services.rekognition.tags_of(version.version_arn)
    schedule = services.scheduler.find(stop_schedule_name(version.version_arn), "default")
    assert schedule is not None
    return tags.get(STOP_AFTER_TAG, ""), format_moment(schedule.at)


def test_kept_model_runs_with_its_end_set(bench: Bench) -> None:
    """It runs, and tag, schedule and record all say the same end."""
    run = bench.run()
    version = bench.trained(run)
    end = bench.clock.now() + 8 * HOUR
    hosted = keep(bench, version, run)
    assert bench.status(version) == "RUNNING"
    assert hosted.is_new
    assert end_on_aws(bench, version) == (format_moment(end),) * 2
    record = record_of(version, run)
    assert record == hosted.armed
    assert record is not None
    assert (record.kept_until, record.watched_until) == (end, end)
    assert (record.usd_per_hour, record.inference_units) == (4.0, 1)


def test_end_is_set_before_the_start(bench: Bench) -> None:
    """A process that dies between the two leaves what stops the model, and no model."""
    run = bench.run()
    version = bench.trained(run)
    seen: list[str] = []

    def look(**_: object) -> None:
        seen.extend(end_on_aws(bench, version))

    bench.client.meta.events.register(BEFORE_START, look)
    try:
        keep(bench, version, run, hours=2)
    finally:
        bench.client.meta.events.unregister(BEFORE_START, look)
    end = record_of(version, run)
    assert end is not None
    assert end.kept_until is not None
    assert seen == [format_moment(end.kept_until)] * 2


def test_second_start_moves_the_end(bench: Bench) -> None:
    """The model is not started again; a shorter time is as good as a longer one."""
    run = bench.run()
    version = bench.trained(run)
    keep(bench, version, run, hours=8)
    for hours in (20.0, 0.1):
        end = bench.clock.now() + hours * HOUR
        hosted = keep(bench, version, run, hours=hours)
        assert not hosted.is_new
        assert end_on_aws(bench, version) == (format_moment(end),) * 2
        assert hosted.armed.kept_until == end
    assert bench.calls("StartProjectVersion") == 1


def test_second_start_keeps_the_units_and_says_so(bench: Bench) -> None:
    """Units are chosen at a start; moving the end is none."""
    run = bench.run()
    version = bench.trained(run)
    keep(bench, version, run)
    hosted = keep(bench, version, run, units=2)
    assert hosted.armed.inference_units == 1
    assert any("keeps them" in notice for notice in bench.notices)


def test_second_start_starts_again_what_has_stopped_meanwhile(bench: Bench) -> None:
    """What the stretch before has cost is entered once, and a new one begins."""
    run = bench.run()
    version = bench.trained(run)
    keep(bench, version, run, hours=1)
    bench.clock.pass_by(1800)
    bench.client.stop_project_version(ProjectVersionArn=version.version_arn)
    bench.versions(version.project_arn)
    hosted = keep(bench, version, run)
    assert hosted.is_new
    assert bench.status(version) == "RUNNING"
    entries = entries_of(run.services.store, run.services.backend.identity)
    assert [entry.kind for entry in entries].count("inference") == 1


def test_start_refuses_a_model_that_somebody_else_runs(bench: Bench) -> None:
    """Their model gets no end of ours."""
    run = bench.run()
    version = bench.trained(run)
    bench.client.start_project_version(ProjectVersionArn=version.version_arn, MinInferenceUnits=1)
    with pytest.raises(ModelNotStartedError, match="was not started from here"):
        keep(bench, version, run)
    assert STOP_AFTER_TAG not in run.services.rekognition.tags_of(version.version_arn)
    assert list_armed(run.services.store) == []
    assert bench.status(version) == "RUNNING"


@pytest.mark.parametrize("watchdog", ["tag", "scheduler"])
def test_model_is_not_started_when_its_end_cannot_be_set(bench: Bench, watchdog: str) -> None:
    """Without the watchdog that the config asks for nothing is started, and nothing is left."""
    run = bench.run(safety={"watchdog": watchdog})
    version = bench.trained(run)
    if watchdog == "tag":
        bench.arm("TagResource", "AccessDeniedException")

    def deny(**_: object) -> None:
        error = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
        raise ClientError(error, "CreateSchedule")  # type: ignore[arg-type]  # a part of an answer

    bench.scheduler_client.meta.events.register("before-call.scheduler", deny)
    try:
        with pytest.raises(WatchdogNotArmedError):
            keep(bench, version, run)
    finally:
        bench.scheduler_client.meta.events.unregister("before-call.scheduler", deny)
    assert bench.calls("StartProjectVersion") == 0
    assert list_armed(run.services.store) == []


def test_model_that_does_not_come_up_is_stopped_and_forgotten(bench: Bench) -> None:
    """A start that ends as FAILED leaves no record, tag or schedule."""
    run = bench.run()
    version = bench.trained(run)
    bench.arm("StartProjectVersion", fails_later=True)
    with pytest.raises(ModelNotStartedError, match="is FAILED"):
        keep(bench, version, run)
    assert list_armed(run.services.store) == []
    tags = run.services.rekognition.tags_of(version.version_arn)
    assert STOP_AFTER_TAG not in tags
    assert MANAGED_TAG in tags
    name = stop_schedule_name(version.version_arn)
    assert run.services.scheduler.find(name, "default") is None


def test_account_that_runs_as_much_as_it_may_is_told_at_once(bench: Bench) -> None:
    """Nobody waits for three quarters of an hour for a model that another one needs."""
    run = bench.run()
    version = bench.trained(run)
    bench.arm("StartProjectVersion", "LimitExceededException", times=None)
    with pytest.raises(ModelNotStartedError, match="as many models or inference units as it may"):
        keep(bench, version, run)
    assert bench.calls("StartProjectVersion") == 1
    assert list_armed(run.services.store) == []


def test_start_that_got_lost_is_asked_for_again(bench: Bench) -> None:
    """One failed call is no reason to give up, nor to start twice."""
    run = bench.run()
    version = bench.trained(run)
    bench.arm("StartProjectVersion", "InternalServerError")
    keep(bench, version, run)
    assert bench.status(version) == "RUNNING"
    assert bench.calls("StartProjectVersion") == 2


def test_next_run_of_the_project_leaves_a_kept_model(bench: Bench) -> None:
    """It is nobody's leftover before its end; after it, it is stopped as one."""
    run = bench.run()
    version = bench.trained(run)
    keep(bench, version, run, hours=1)
    stop_abandoned(run.services, run.log)
    assert bench.status(version) == "RUNNING"
    bench.clock.pass_by(3601)
    stop_abandoned(run.services, run.log)
    assert bench.status(version) == "STOPPED"
    assert list_armed(run.services.store) == []
    assert any("which is over" in notice for notice in bench.notices)


def test_run_that_judges_a_kept_model_leaves_it_running(bench: Bench) -> None:
    """The model is used; its end, its units and its cost are not the run's."""
    run = bench.run()
    version, holdout = bench.trained(run), bench.dataset("holdout", 2, 20)
    hosted = keep(bench, version, run)
    before = end_on_aws(bench, version)
    with leased(run):
        judged = predict_holdout(version, holdout, BUCKET, run)
        predict_holdout(version, holdout, BUCKET, run)  # nothing is missing any more
    assert len(judged.images) == 6
    assert bench.status(version) == "RUNNING"
    assert bench.calls("StartProjectVersion") == 1
    assert bench.calls("StopProjectVersion") == 0
    assert record_of(version, run) == hosted.armed
    assert end_on_aws(bench, version) == before
    assert spent_by(run).inference_seconds == 0


def test_run_near_the_end_keeps_the_model_until_it_is_done(bench: Bench) -> None:
    """The watchdog is pushed beyond the end while images are answered; then the model stops."""
    run = bench.run(inference={"concurrency": 8})
    version, holdout = bench.trained(run), bench.dataset("holdout", 14, 20)
    keep(bench, version, run, hours=0.1)
    left: list[float] = []

    def slowly(**_: object) -> None:
        bench.clock.pass_by(30)
        record = record_of(version, run)
        assert record is not None
        assert record.watched_until is not None
        left.append((record.watched_until - bench.clock.now()).total_seconds())

    bench.client.meta.events.register(BEFORE_DETECT, slowly)
    try:
        with leased(run):
            predict_holdout(version, holdout, BUCKET, run)
    finally:
        bench.client.meta.events.unregister(BEFORE_DETECT, slowly)
    assert len(left) == 42
    assert min(left) > 0
    assert bench.status(version) == "STOPPED"
    assert list_armed(run.services.store) == []


def test_run_restores_the_end_that_it_has_pushed(bench: Bench) -> None:
    """Who has used the model for a moment does not make it run longer."""
    run = bench.run()
    version = bench.trained(run)
    keep(bench, version, run, hours=0.1)
    end = end_on_aws(bench, version)
    with running(version, run, units=1):
        assert end_on_aws(bench, version) > end
    assert end_on_aws(bench, version) == end
    assert bench.status(version) == "RUNNING"


def test_run_sees_an_end_that_was_moved_while_it_used_the_model(bench: Bench) -> None:
    """The end that counts is the newest, not the one that the run has begun with."""
    run = bench.run()
    version = bench.trained(run)
    keep(bench, version, run, hours=1)
    with running(version, run, units=1):
        later = keep(bench, version, run, hours=20).armed
        bench.clock.pass_by(2 * 3600)
        run.beat()
    assert record_of(version, run) == later
    assert bench.status(version) == "RUNNING"


def test_push_does_not_shorten_a_far_end(bench: Bench) -> None:
    """A shard's worker, which only knows the lease, leaves the end as it is."""
    run = bench.run()
    version = bench.trained(run)
    kept = keep(bench, version, run, hours=8).armed
    before = end_on_aws(bench, version)
    assert not is_push_due(kept, run.config.safety, bench.clock.now() + HOUR)
    keep_armed_watched(version.version_arn, run.config.safety, run.services)
    assert end_on_aws(bench, version) == before


def test_run_starts_its_own_where_a_kept_model_was_stopped_by_hand(bench: Bench) -> None:
    """The record of what has ended is closed, and the run's own model is stopped at its end."""
    run = bench.run()
    version = bench.trained(run)
    keep(bench, version, run)
    bench.clock.pass_by(60)
    bench.client.stop_project_version(ProjectVersionArn=version.version_arn)
    bench.versions(version.project_arn)
    with running(version, run, units=1):
        assert bench.status(version) == "RUNNING"
    assert bench.status(version) == "STOPPED"
    assert list_armed(run.services.store) == []
    entries = entries_of(run.services.store, run.services.backend.identity)
    assert len([entry for entry in entries if entry.kind == "inference"]) == 2


def test_reap_stops_a_kept_model_when_its_time_is_over(bench: Bench) -> None:
    """Also while a run holds the project: it is not the run's model."""
    run = bench.run()
    version = bench.trained(run)
    keep(bench, version, run, hours=1)
    elsewhere = replace(bench.services(), holder=Holder("other", 1))
    with leased(run):
        assert [one.action for one in reap(elsewhere)] == ["left"]
        bench.clock.pass_by(3601)
        assert [one.action for one in reap(elsewhere)] == ["stopped"]
    assert bench.status(version) == "STOPPED"
    (entry,) = [
        entry
        for entry in entries_of(run.services.store, run.services.backend.identity)
        if entry.kind == "inference"
    ]
    assert entry.usd == pytest.approx(4.0, rel=0.02)
    assert entry.run_id.startswith("start-")


def test_start_is_refused_while_a_run_needs_the_model(bench: Bench) -> None:
    """Of run and start, the second gives way; nothing is changed."""
    run = bench.run()
    version = bench.trained(run)
    run.update(project_version_arn=version.version_arn)
    with leased(run), pytest.raises(RunHeldError, match="may need the same model"):
        keep(bench, version, run)
    assert bench.calls("StartProjectVersion") == 0


def test_start_is_free_while_a_run_trains_another_version(bench: Bench) -> None:
    """A training takes hours, in which the model of before can be used."""
    run = bench.run()
    version = bench.trained(run)
    run.update(project_version_arn=f"{version.version_arn}0")
    with leased(run):
        run.update(project_version_arn=f"{version.version_arn}0")
        keep(bench, version, run)
    assert bench.status(version) == "RUNNING"


def test_run_is_refused_while_the_model_is_being_started(bench: Bench) -> None:
    """And the other way round: a run does not arm a model that a start has in hand."""
    run = bench.run()
    version = bench.trained(run)
    with (
        using_model(use_of(run, version)),
        pytest.raises(RunHeldError, match="uses the model"),
        running(version, run, units=1),
    ):
        pass
    assert bench.calls("StartProjectVersion") == 0


def test_two_uses_of_a_project_come_one_after_the_other(bench: Bench) -> None:
    """The second is refused and leaves the first what it holds."""
    run = bench.run()
    version = bench.trained(run)
    with using_model(use_of(run, version)), pytest.raises(RunHeldError, match="uses a model"):
        keep(bench, version, run)
    keep(bench, version, run)
    assert bench.status(version) == "RUNNING"


def test_hosting_is_limited_by_the_config(bench: Bench) -> None:
    """Hours, units and a watchdog that is off are refused before anything is asked."""
    run, now = bench.run(), bench.clock.now()
    config = run.config
    assert hosting_for(8, None, config, now) == Hosting(now + timedelta(hours=8), 1)
    assert hosting_for(24, 5, config, now).inference_units == 5
    for hours in (0, -1, 24.1, float("nan")):
        with pytest.raises(ConfigError, match="max_kept_hours"):
            hosting_for(hours, None, config, now)
    with pytest.raises(ConfigError, match="max_inference_units"):
        hosting_for(8, 6, config, now)
    off = use_of(run, bench.trained(run), safety={"watchdog": "off"}).config
    with pytest.raises(ConfigError, match="watchdog"):
        hosting_for(8, None, off, now)


def test_consent_is_asked_with_the_price_of_an_hour_and_of_all(bench: Bench) -> None:
    """On AWS `--yes`, or a budget that has room for all of it, is the consent."""
    run, now = bench.run(), bench.clock.now()
    aws = run.config.model_copy(update={"backend": "aws"})
    hosting = hosting_for(8, 2, run.config, now)
    require_hosting_consent(8, hosting, run.config, consent=False)
    require_hosting_consent(8, hosting, aws, consent=True)
    with pytest.raises(ConsentNeededError, match=r"8\.00 USD an hour, 64\.00 USD in 8 hours"):
        require_hosting_consent(8, hosting, aws, consent=False)
    with pytest.raises(ConsentNeededError, match=r"8\.00 USD in 1 hour \("):
        require_hosting_consent(1, hosting_for(1, 2, run.config, now), aws, consent=False)
    for usd, is_enough in ((64.5, True), (10, False)):
        budget = run.config.budget.model_copy(update={"max_usd": usd})
        rich = aws.model_copy(update={"budget": budget})
        if is_enough:
            require_hosting_consent(8, hosting, rich, consent=False)
        else:
            with pytest.raises(ConsentNeededError):
                require_hosting_consent(8, hosting, rich, consent=False)


def test_model_is_stopped_when_its_start_is_given_up(bench: Bench) -> None:
    """Ctrl-C while it starts leaves nothing running."""
    run = bench.run()
    version = bench.trained(run)

    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    bench.client.meta.events.register(BEFORE_START, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            keep_running_use(bench, version)
    finally:
        bench.client.meta.events.unregister(BEFORE_START, interrupt)
    assert list_armed(run.services.store) == []


def keep_running_use(bench: Bench, version: TrainedVersion) -> None:
    """Keep a model running for an hour."""
    use = use_of(bench.run(), version)
    with using_model(use):
        keep_running(version, Hosting(bench.clock.now() + HOUR, 1), use)
