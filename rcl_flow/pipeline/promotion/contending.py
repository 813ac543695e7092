"""Bring challenger and champion onto the same holdout, and compare them there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rcl_flow.config import FlowConfig, ModelConfig
from rcl_flow.core.naming import seed_of
from rcl_flow.core.promotion.champions import ChampionEvent
from rcl_flow.core.promotion.decision import Reason
from rcl_flow.core.promotion.promotion import PairedFigures, paired_figures, promotion_rules
from rcl_flow.core.promotion.training_noise import TrainingNoise, judge_trainings
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.errors import DatasetGateError, LocalFilesError, StoreError, UnknownRunError
from rcl_flow.pipeline.data.certificates import CERTIFICATE_NAME, read_certificate
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.history.champions import ChampionRecord, read_events
from rcl_flow.pipeline.judging.comparing import (
    ComparedRuns,
    FinishedRun,
    Objects,
    compare_runs,
    contender_of,
    write_comparison,
)
from rcl_flow.pipeline.judging.stored_answers import read_comparison
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.shared_folders import bring_folder, share_folder
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.records import RunRecord, read_record, run_key


@dataclass(frozen=True, slots=True)
class Ring:
    """What a challenger is held against a champion with."""

    config: FlowConfig
    services: Services
    log: StepLog
    options: Options
    """Whether to wait, and whether somebody agreed to pay, if the champion is judged again."""

    @property
    def rules(self) -> EvaluationRules:
        """How the two are compared: with the promotion's margin."""
        return promotion_rules(self.config.evaluation, self.config.promotion)


@dataclass(frozen=True, slots=True)
class Match:
    """What came out."""

    chosen: RunOutcome
    """Of several trainings on the same data the one that is put forward: the median."""
    paired: PairedFigures | None = None
    noise: TrainingNoise | None = None
    objections: tuple[Reason, ...] = ()
    """Why the two cannot be compared."""
    judged_again: str = ""
    """The run that judged the champion on the present holdout; empty where it had been."""
    page: str = ""
    """The page of the comparison."""


def hold_against(
    outcomes: Sequence[RunOutcome], champion: ChampionRecord | None, ring: Ring
) -> Match:
    """Compare trainings on the same data with the champion, which is judged again where needed.

    Args:
        outcomes: of the challenger's runs; at least one.
        champion: None where no model holds the place.
        ring: config, services and options.

    Raises:
        UnknownRunError: what a challenger's run left cannot be read.
        Pause: in a tick, while the champion is judged again.
        ConsentNeededError: judging it again costs money, and nobody agreed.
    """
    runs = [_finished(outcome.run_id, ring.services) for outcome in outcomes]
    if champion is None:
        noise = _noise(runs, [], ring)
        return Match(outcomes[noise.median], noise=noise)
    try:
        held, judged_again = _champions_run(champion, runs[0], ring)
        noise = _noise(runs, [held, *_siblings(champion, held, ring)], ring)
        document = compare_runs(held, runs[noise.median], ring.rules)
    except DatasetGateError as error:
        reason = Reason(gate="comparable", message=f"It cannot be compared: {error.message}")
        noise = _noise(runs, [], ring)
        return Match(outcomes[noise.median], noise=noise, objections=(reason,))
    return Match(
        chosen=outcomes[noise.median],
        paired=paired_figures(document.comparison),
        noise=noise,
        judged_again=judged_again,
        page=_page(document, (held, runs[noise.median]), ring),
    )


def judge_champion_again(champion: ChampionRecord, ring: Ring) -> RunOutcome:
    """Judge the champion on the holdout of now; only images that it never saw are asked for.

    It is an ordinary run that trains nothing: it needs consent or a budget as such, starts the
    model only where an answer is missing, and stops it.

    Raises:
        RclFlowError: as `run_flow`; the same call resumes it.
        Pause: in a tick, when there is nothing more to do now.
    """
    arn = champion.project_version_arn
    ring.log.notice(f"The champion {arn} was judged on another holdout: it is judged on this one.")
    config = ring.config.model_copy(update={"model": ModelConfig(project_version_arn=arn)})
    return run_flow(config, ring.services, ring.options)


def _finished(run_id: str, services: Services) -> FinishedRun:
    record = read_record(services.store, run_key(run_id), RunRecord)
    if record is None:
        raise UnknownRunError(
            f"The run {run_id} is not in the state store.",
            hint="Run its config again; what is known of it is not paid for again.",
        )
    return FinishedRun(record, bring_folder(run_id, services))


def _champions_run(
    champion: ChampionRecord, challenger: FinishedRun, ring: Ring
) -> tuple[FinishedRun, str]:
    """Return the champion's run on the challenger's holdout, and its id when it was made now."""
    wanted = _holdout(challenger)
    record = read_record(ring.services.store, run_key(champion.run_id), RunRecord)
    if record is not None:
        run = FinishedRun(record, bring_folder(record.run_id, ring.services))
        if wanted and _holdout(run) == wanted:
            return run, ""
    ring = replace(ring, options=replace(ring.options, holdout_digest=wanted))
    outcome = judge_champion_again(champion, ring)
    return _finished(outcome.run_id, ring.services), outcome.run_id


def _siblings(champion: ChampionRecord, held: FinishedRun, ring: Ring) -> list[FinishedRun]:
    """Return other trainings on the champion's data that were judged on the same holdout."""
    services = ring.services
    events = read_events(champion.project, services.backend.identity, services.store)
    found = []
    for run_id in _trained_with(champion, events):
        record = read_record(services.store, run_key(run_id), RunRecord)
        if record is not None and record.project_version_arn != champion.project_version_arn:
            run = FinishedRun(record, bring_folder(run_id, services))
            if _holdout(run) == _holdout(held):
                found.append(run)
    return found


def _trained_with(champion: ChampionRecord, events: Sequence[ChampionEvent]) -> tuple[str, ...]:
    arn = champion.project_version_arn
    promoted = [e for e in events if e.kind == "promoted" and e.project_version_arn == arn]
    return promoted[-1].run_ids if promoted else ()


def _holdout(run: FinishedRun) -> str:
    """Return the digest of the holdout that a run was judged on; empty where it is not known."""
    try:
        return read_certificate(run.folder / CERTIFICATE_NAME).holdout_digest
    except StoreError:
        return ""


def _noise(
    runs: Sequence[FinishedRun], champions: Sequence[FinishedRun], ring: Ring
) -> TrainingNoise:
    task = read_comparison(runs[0].folder).task
    return judge_trainings(
        [contender_of(run, task) for run in runs],
        [contender_of(run, task) for run in champions],
        ring.rules,
        np.random.default_rng(seed_of(_holdout(runs[0]) or "0")),
    )


def _page(document: ComparedRuns, runs: tuple[FinishedRun, FinishedRun], ring: Ring) -> str:
    """Write the page of the comparison into the challenger's folder; a full disk stops nothing."""
    objects = Objects(ring.services.s3, reachable=True)
    folder, now = runs[1].folder, ring.services.clock.now()
    try:
        page = str(write_comparison(document, runs, folder, objects, now).html)
    except LocalFilesError as error:
        ring.log.notice(f"The page of the comparison was not written: {error.message}")
        return ""
    share_folder(runs[1].record.run_id, ring.services)
    return page
