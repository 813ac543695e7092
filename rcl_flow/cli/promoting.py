"""Promote a run or roll a project back, and tell the terminal what came of it."""

from collections.abc import Iterator
from pathlib import Path

from rcl_flow.cli.console import Console
from rcl_flow.cli.ending import told_signals
from rcl_flow.cli.table import labelled
from rcl_flow.errors import (
    ConfigError,
    EmulatorUnavailableError,
    UnknownChampionError,
    UnknownRunError,
)
from rcl_flow.pipeline.flow import Options
from rcl_flow.pipeline.history.champions import ChampionRecord, champions_in
from rcl_flow.pipeline.history.selecting import select_runs, state_of
from rcl_flow.pipeline.judging.reevaluating import config_of_run
from rcl_flow.pipeline.judging.report_files import read_page
from rcl_flow.pipeline.judging.reporting import read_outcome
from rcl_flow.pipeline.promotion.contending import Ring
from rcl_flow.pipeline.promotion.outcome import PromotionOutcome, ServedModel
from rcl_flow.pipeline.promotion.promoting import promote_by_hand
from rcl_flow.pipeline.promotion.rolling_back import roll_back
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.shared_folders import bring_folder
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.state.records import RunRecord, list_runs
from rcl_flow.pipeline.state.store import StateStore
from rcl_flow.report.promotion_wording import noise_sentences, serving_sentences
from rcl_flow.wiring.services import reach_backend
from rcl_flow.wiring.stores import open_store

KEPT = 10
NOT_WRITTEN = 4
_LABEL = 10


def drive_promote(
    wanted: str, workspace: Path, options: Options, console: Console, *, force: bool
) -> int:
    """Let the run's model become the champion where the rules allow it, or by force.

    Returns:
        The exit code: 10 when the champion was kept, 4 when the parameter could not be written.

    Raises:
        UnknownRunError: there is no such finished run.
        UnknownChampionError: its model is gone.
        typer.Exit: 128 and the signal's number when it was signalled.
    """
    store = open_store(workspace)
    record = select_runs(list_runs(store), wanted)[0]
    _require_finished(record, store)
    with told_signals(console), console.watcher() as watcher:
        services = reach_backend(record.backend, workspace, watcher.tell)
        with services.guard.listening():
            outcome = _promote(record, services, options, force=force)
    return _tell(outcome, console)


def drive_rollback(project: str, to: str | None, workspace: Path, console: Console) -> int:
    """Let a champion before take the place again.

    Returns:
        The exit code: 4 when the parameter could not be written.

    Raises:
        UnknownChampionError: there is none before, or its model is gone.
        typer.Exit: 128 and the signal's number when it was signalled.
    """
    champion = _champion(project, workspace)
    with told_signals(console), console.watcher() as watcher:
        services = reach_backend(champion.backend, workspace, watcher.tell)
        with services.guard.listening():
            outcome = roll_back(project, services, to)
    return _tell(outcome, console)


def promotion_lines(outcome: PromotionOutcome) -> Iterator[str]:
    """Yield what a person reads of a promotion, a refusal or a rollback."""
    forced = ", by force" if outcome.forced else ""
    yield f"{outcome.status + forced:<{_LABEL - 1}} {outcome.run_id}"
    yield _row("model", outcome.project_version_arn)
    told = "although" if outcome.forced else "reason"
    if outcome.status == "unchanged" and outcome.event:
        yield from _wrapped(
            told,
            f"Decision {outcome.event} of the project was about the same, and is not made again. "
            "Its reason of then:",
        )
        told = ""
    for reason in outcome.reasons:
        yield from _wrapped(told, reason.message)
    for sentence in noise_sentences(outcome.noise):
        yield from _wrapped("", sentence)
    if outcome.judged_again:
        yield _row("judged", f"the champion, on the present holdout: run {outcome.judged_again}")
    if outcome.page:
        yield _row("compared", outcome.page)
    serving = serving_sentences(_served(outcome.champion), _served(outcome.before))
    for place, sentence in enumerate(serving):
        yield _row("serving" if place == 0 else "", sentence)
    yield from _swap_lines(outcome)
    if outcome.parameter is not None:
        yield from _parameter_lines(outcome)


def _promote(
    record: RunRecord, services: Services, options: Options, *, force: bool
) -> PromotionOutcome:
    folder = bring_folder(record.run_id, services)
    outcome, page = read_outcome(folder), read_page(folder)
    if outcome is None:
        raise UnknownRunError(
            f"The run {record.run_id} has left no outcome that can be read.",
            hint="Run its config again; what is known of it is not paid for again.",
        )
    config = config_of_run(page.provenance.config_text)
    ring = Ring(config, services, StepLog(services.emit, services.clock), options)
    return promote_by_hand(outcome, ring, force=force)


def _tell(outcome: PromotionOutcome, console: Console) -> int:
    console.document(outcome.model_dump(mode="json"))
    for line in promotion_lines(outcome):
        console.result(line)
    if outcome.parameter is not None and not outcome.parameter.written:
        return NOT_WRITTEN
    return KEPT if outcome.status == "kept" else 0


def _require_finished(record: RunRecord, store: StateStore) -> None:
    state = state_of(record, store)
    if state != "completed":
        raise UnknownRunError(
            f"The run {record.run_id} is {state}: it has no model that was judged.",
            hint="Finish it by running its config again; `rcl-flow status` lists the runs.",
        )


def _champion(project: str, workspace: Path) -> ChampionRecord:
    """Return the project's champion, of several backends that of one that can be reached."""
    found = [each for each in champions_in(open_store(workspace)) if each.project == project]
    if not found:
        raise UnknownChampionError(
            f"The project {project!r} has no champion in this workspace.",
            hint="`rcl-flow promote RUN` puts a run's model in place.",
        )
    there = [each for each in found if _is_reachable(each, workspace)] or found
    if len(there) > 1:
        told = ", ".join(each.backend.identity for each in there)
        raise ConfigError(
            f"The project {project!r} has a champion on several backends: {told}.",
            hint="`rcl-flow promote RUN` names one by its run.",
        )
    return there[0]


def _is_reachable(champion: ChampionRecord, workspace: Path) -> bool:
    try:
        reach_backend(champion.backend, workspace, lambda _event: None)
    except EmulatorUnavailableError:
        return False
    return True


def _swap_lines(outcome: PromotionOutcome) -> Iterator[str]:
    """Yield which models were started and stopped, since the one before was kept running."""
    if outcome.started:
        until = f", until {outcome.kept_until:%Y-%m-%d %H:%M} UTC" if outcome.kept_until else ""
        yield _row("started", f"{outcome.started}{until}")
    for arn in outcome.stopped:
        yield _row("stopped", arn)


def _parameter_lines(outcome: PromotionOutcome) -> Iterator[str]:
    parameter = outcome.parameter
    if parameter is None:
        return
    if parameter.written:
        yield _row("parameter", f"{parameter.name} holds the champion's ARN")
    else:
        yield from _wrapped("parameter", f"NOT WRITTEN: {parameter.name}: {parameter.error}")
        yield _row("", "The champion is in the store; the next promote or rollback writes it.")


def _served(model: ServedModel | None) -> tuple[str, str] | None:
    return None if model is None else (model.project_version_arn, model.status)


def _row(label: str, text: str) -> str:
    return f"{label:<{_LABEL}}{text}"


def _wrapped(label: str, text: str) -> list[str]:
    return labelled(label, text).split("\n")
