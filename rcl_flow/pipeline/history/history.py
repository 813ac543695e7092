"""Read the history of a workspace's projects: its records, and what each run left in its folder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from rcl_flow.core.history.history import oldest_first
from rcl_flow.core.history.past_runs import PastRun, RunScore, ThresholdKind
from rcl_flow.core.promotion.champions import ChampionEvent
from rcl_flow.errors import StoreError
from rcl_flow.files import write_text
from rcl_flow.pipeline.data.certificates import CERTIFICATE_NAME, read_certificate
from rcl_flow.pipeline.history.champions import champions_in, read_events
from rcl_flow.pipeline.history.selecting import state_of
from rcl_flow.pipeline.runs.outcome import OUTCOME_NAME, RunOutcome, chosen_thresholds
from rcl_flow.pipeline.state.holding import Holder, this_process
from rcl_flow.pipeline.state.ledger import LedgerEntry, entries_of, spent
from rcl_flow.pipeline.state.records import RunRecord, readable_runs, run_folder, run_key
from rcl_flow.pipeline.state.store import StateStore
from rcl_flow.report.trend_html import render_trend_html
from rcl_flow.report.trend_page import TrendPage

REPORT_NAME: Final = "report.html"


@dataclass(frozen=True, slots=True)
class ProjectHistory:
    """A project's runs in one workspace, oldest first; at least one."""

    project: str
    runs: tuple[PastRun, ...]
    events: tuple[ChampionEvent, ...] = ()
    """What was decided about its champions on the backends of these runs, oldest first."""
    champions: frozenset[str] = frozenset()
    """The runs of the models that hold the place now."""


@dataclass(frozen=True, slots=True)
class History:
    """The projects of a workspace by name, and what of it cannot be read."""

    projects: tuple[ProjectHistory, ...]
    unreadable: tuple[str, ...]
    """Records that are in another form, and folders of runs without a record: a sentence each."""


def read_history(
    store: StateStore, workspace: Path, project: str | None = None, *, me: Holder | None = None
) -> History:
    """Return the runs of every project, or of one.

    Nothing that cannot be read ends this: it is named in the answer.

    Args:
        store: where the runs are recorded.
        workspace: in which each run has its folder.
        project: the only project wanted; one without runs gives no history.
        me: who asks, to tell runs at work from interrupted ones; by default this process.
    """
    records, torn = readable_runs(store)
    wanted = [record for record in records if project in (None, record.project)]
    past = _PastRuns(store, workspace, me or this_process())
    names = sorted({record.project for record in wanted})
    return History(
        projects=tuple(
            _project_history([r for r in wanted if r.project == name], past, store)
            for name in names
        ),
        unreadable=(
            *(f"The record {key} cannot be read by this version." for key in torn),
            *_folders_without_record(workspace, {run_key(r.run_id) for r in records} | set(torn)),
        ),
    )


def write_trend(page: TrendPage, path: Path) -> None:
    """Write a project's page.

    Raises:
        LocalFilesError: it cannot be written.
    """
    write_text(path, render_trend_html(page))


def _project_history(
    records: Sequence[RunRecord], past: "_PastRuns", store: StateStore
) -> ProjectHistory:
    project = records[0].project
    identities = sorted({record.backend.identity for record in records})
    events = [e for identity in identities for e in read_events(project, identity, store)]
    return ProjectHistory(
        project,
        oldest_first(past.of(record) for record in records),
        events=tuple(sorted(events, key=lambda event: event.at)),
        champions=frozenset(
            record.run_id
            for record in champions_in(store)
            if record.project == project and record.backend.identity in identities
        ),
    )


class _PastRuns:
    """Makes past runs of records; the ledger of each project is read once."""

    def __init__(self, store: StateStore, workspace: Path, me: Holder) -> None:
        self._store = store
        self._workspace = workspace
        self._me = me
        self._ledgers: dict[tuple[str, str], tuple[LedgerEntry, ...]] = {}

    def of(self, record: RunRecord) -> PastRun:
        """Return a record's run, with what its folder holds."""
        folder = run_folder(self._workspace, record.run_id)
        facts, problems = _left_in(folder, finished=record.status == "completed")
        report = folder / REPORT_NAME
        return PastRun(
            run_id=record.run_id,
            project=record.project,
            backend=record.backend.kind,
            state=state_of(record, self._store, self._me),
            started_at=record.started_at,
            updated_at=record.updated_at,
            spent_usd=spent(self._paid(record)),
            error=record.error,
            project_version_arn=record.project_version_arn,
            report=str(report) if report.is_file() else "",
            unreadable=tuple(problems),
        ).model_copy(update=facts)

    def _paid(self, record: RunRecord) -> Iterator[LedgerEntry]:
        key = record.backend.identity, record.project
        if key not in self._ledgers:
            self._ledgers[key] = entries_of(self._store, *key)
        return (entry for entry in self._ledgers[key] if entry.run_id == record.run_id)


def _left_in(folder: Path, *, finished: bool) -> tuple[dict[str, object], list[str]]:
    """Return fields of `PastRun` from a run's folder, and what there cannot be read."""
    if not folder.is_dir():
        return {}, [f"Its folder {folder} is not here."] if finished else []
    facts: dict[str, object] = {}
    problems: list[str] = []
    if finished or (folder / CERTIFICATE_NAME).exists():
        try:
            facts |= _certified(folder)
        except StoreError as error:
            problems.append(error.message)
    if finished:
        try:
            facts |= _judged(folder / OUTCOME_NAME, facts.get("holdout_images"))
        except (OSError, ValidationError) as error:
            why = getattr(error, "strerror", None) or "it is not in the form of this version"
            problems.append(f"The outcome {folder / OUTCOME_NAME} cannot be read: {why}.")
    return facts, problems


def _certified(folder: Path) -> dict[str, object]:
    splits = read_certificate(folder / CERTIFICATE_NAME).splits
    facts: dict[str, object] = {}
    if "holdout" in splits:
        facts["holdout_digest"] = splits["holdout"].digest
        facts["holdout_images"] = splits["holdout"].images
    if "test" in splits:
        facts["test_digest"] = splits["test"].digest
    if "train" in splits:
        facts["training_images"] = splits["train"].images
    return facts


def _judged(path: Path, holdout_images: object) -> dict[str, object]:
    outcome = RunOutcome.model_validate_json(path.read_bytes())
    return {
        "score": _score(outcome, holdout_images),
        "project_version_arn": outcome.project_version_arn,
    }


def _score(outcome: RunOutcome, holdout_images: object) -> RunScore:
    assumed, kind = outcome.holdout_at_assumed, _kind(outcome, holdout_images)
    return RunScore(
        decision=outcome.decision.action,
        reasons=tuple(reason.message for reason in outcome.decision.reasons),
        verdict=outcome.gap.verdict,
        test_f1=outcome.test.f1,
        test_interval=outcome.test.f1_interval,
        holdout_f1=outcome.holdout.f1,
        holdout_interval=outcome.holdout.f1_interval,
        judged_labels=tuple(entry.label for entry in outcome.labels if entry.holdout is not None),
        judged_images=outcome.holdout.images,
        thresholds=kind,
        fixed_thresholds=chosen_thresholds(outcome.labels) if kind == "fixed" else {},
        assumed_f1=assumed.f1 if assumed else None,
        assumed_interval=assumed.f1_interval if assumed else None,
    )


def _kind(outcome: RunOutcome, holdout_images: object) -> ThresholdKind:
    """Return at which thresholds the holdout was judged.

    Thresholds are tuned on a part of the holdout, which is not judged; those of the config need
    no such part.
    """
    if outcome.holdout_at_assumed is None and not chosen_thresholds(outcome.labels):
        return "assumed"
    return "fixed" if outcome.holdout.images == holdout_images else "tuned"


def _folders_without_record(workspace: Path, keys: set[str]) -> Iterator[str]:
    runs = run_folder(workspace, "")
    folders = sorted(path for path in runs.glob("*") if path.is_dir()) if runs.is_dir() else []
    for folder in folders:
        if run_key(folder.name) not in keys:
            yield f"The folder {folder} has no record in the state store."
