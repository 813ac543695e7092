"""Reap region by region, and tell what was found in each."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from rcl_flow.aws.regions import rekognition_regions
from rcl_flow.cli.ending import FOR_THE_REST, told_signals
from rcl_flow.cli.unhindered import UnhinderedConsole
from rcl_flow.errors import (
    EmulatorUnavailableError,
    ModelNotStoppedError,
    RclFlowError,
    StoreError,
    UnknownRunError,
)
from rcl_flow.pipeline.runs.events import Event, Notice
from rcl_flow.pipeline.serving.reaping import Action, Reaped, reap
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.records import ArmedModel, RunRecord, list_runs, readable_armed
from rcl_flow.wiring.regions import likely_regions
from rcl_flow.wiring.services import reach_backend
from rcl_flow.wiring.stores import open_store

_WORDS: dict[Action, str] = {
    "stopped": "STOPPED",
    "would-stop": "OVERDUE",
    "left": "LEFT",
    "not-stopped": "NOT STOPPED",
    "unread": "UNKNOWN",
}


@dataclass(frozen=True, slots=True)
class ReapOptions:
    """Where to look, and whether to change anything."""

    regions: tuple[str, ...]
    all_regions: bool
    profile: str | None
    endpoint_url: str | None
    schedule_group: str
    dry_run: bool


@dataclass(frozen=True, slots=True)
class SkippedPlace:
    """A region, or an emulator, that could not be looked into."""

    place: str
    reason: str
    error: RclFlowError
    is_needed: bool
    """Whether it was to be seen for certain."""


@dataclass(slots=True)
class Reaping:
    """What was done so far, and what was told of it."""

    options: ReapOptions
    console: UnhinderedConsole
    reaped: list[Reaped] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    skipped: list[SkippedPlace] = field(default_factory=list)

    def look_into(self, backend: Backend, workspace: Path, *, is_needed: bool) -> None:
        """Reap one region; one that does not answer is kept as skipped."""
        place = backend.region if backend.kind == "aws" else f"emulator {backend.region}"
        try:
            services = reach_backend(backend, workspace, self._notice)
            with services.guard.listening():
                reap(
                    services,
                    dry_run=self.options.dry_run,
                    schedule_group=self.options.schedule_group,
                    tell=self._tell,
                )
        except EmulatorUnavailableError:
            return  # its models went with it
        except RclFlowError as error:
            self.console.note(f"skipped {place}: {error.message}")
            if is_needed:
                self.console.note(f"  hint: {error.hint}")
            self.skipped.append(SkippedPlace(place, error.message, error, is_needed))
        else:
            self.looked.append(place)

    @property
    def failure(self) -> RclFlowError | None:
        """What the command ends with: a model that may bill, or a place that was to be seen."""
        errors = [one.error for one in self.reaped if one.error is not None]
        if errors:
            return max(errors, key=lambda error: isinstance(error, ModelNotStoppedError))
        blind = [one.error for one in self.skipped if one.is_needed or not self.looked]
        return blind[0] if blind else None

    def _tell(self, reaped: Reaped) -> None:
        self.reaped.append(reaped)
        detail = "" if reaped.action == "stopped" else f"  {reaped.detail}"
        word = _WORDS[reaped.action]
        self.console.result(f"{word:<7}  {reaped.model.project_version_arn}{detail}")

    def _notice(self, event: Event) -> None:
        if isinstance(event, Notice):
            self.console.note(event.text)


def drive_reap(options: ReapOptions, workspace: Path, console: UnhinderedConsole) -> None:
    """Stop what is past its lease in every place that the options or the workspace name.

    Raises:
        typer.Exit: 9 when a model could not be confirmed as stopped, 4 when a place that was
            named, or every place, could not be looked into; 128 and more when signalled.
    """
    reaping = Reaping(options, console)
    ended = told_signals(console, FOR_THE_REST)
    with ended, _workspace_or_none(workspace) as store_folder:
        for backend, is_needed in _places(options, workspace):
            reaping.look_into(backend, store_folder, is_needed=is_needed)
    failure = reaping.failure
    console.result(_summary(reaping))
    console.document(_document(reaping, failure))
    if failure is None:
        console.require_written()
        return
    for one in reaping.reaped:
        if one.error is not None:
            console.note(f"error [{one.error.slug}]: {one.error.message}")
            console.note(f"  hint: {one.error.hint}")
    raise typer.Exit(failure.exit_code)


def _places(options: ReapOptions, workspace: Path) -> Iterator[tuple[Backend, bool]]:
    """Yield where to look, and whether it is needed: all but what is looked into just in case.

    That is what is asked for, or where this workspace has run, or where models are likely to be.
    """
    known = [] if options.regions or options.all_regions else _backends_of_runs(workspace)
    regions: Sequence[str] = options.regions
    if options.profile is not None or options.endpoint_url is not None:
        regions = regions or sorted({backend.region for backend in known})
        known = []  # of the runs' places only the regions count
    for backend in known:
        yield backend, True
    if known:
        return
    needed = len(regions)
    if options.all_regions:
        regions = rekognition_regions()
    elif not regions:
        likely = likely_regions(options.profile)
        regions, needed = likely[: 1 if options.endpoint_url else None], 1
    for index, region in enumerate(regions):
        yield _backend(options, region), index < needed


def _backend(options: ReapOptions, region: str) -> Backend:
    return Backend(
        kind="aws", region=region, profile=options.profile, endpoint_url=options.endpoint_url
    )


def _backends_of_runs(workspace: Path) -> list[Backend]:
    try:
        store = open_store(workspace)
        known: list[RunRecord | ArmedModel] = [*list_runs(store), *readable_armed(store)[0]]
    except (UnknownRunError, StoreError):
        return []
    return list({one.backend.identity: one.backend for one in known}.values())


@contextmanager
def _workspace_or_none(workspace: Path) -> Iterator[Path]:
    """Give the workspace, or for the time of the command an empty one: reaping makes none."""
    try:
        open_store(workspace)
    except (UnknownRunError, StoreError):  # a broken store keeps no model running
        with TemporaryDirectory(prefix="rcl-flow-") as empty:
            yield Path(empty)
        return
    yield workspace


def _summary(reaping: Reaping) -> str:
    count = _counter(reaping.reaped)
    parts = [f"{count('stopped')} stopped", f"{count('left')} left"]
    parts += [
        f"{count(action)} {word}"
        for action, word in (
            ("would-stop", "to be stopped"),
            ("not-stopped", "NOT STOPPED"),
            ("unread", "unknown"),
        )
        if count(action)
    ]
    looked = ", ".join(reaping.looked) or "nowhere"
    skipped = f"; skipped {len(reaping.skipped)}" if reaping.skipped else ""
    return f"{', '.join(parts)}; looked in {looked}{skipped}"


def _counter(reaped: Sequence[Reaped]) -> Callable[[str], int]:
    return lambda action: sum(one.action == action for one in reaped)


def _document(reaping: Reaping, failure: RclFlowError | None) -> dict[str, object]:
    document: dict[str, object] = {
        "format_version": 1,
        "status": "failed" if failure else "done",
        "models": [_model(one) for one in reaping.reaped],
        "regions": reaping.looked,
        "skipped": [{"region": one.place, "reason": one.reason} for one in reaping.skipped],
    }
    if failure is not None:
        document["error"] = {
            "slug": failure.slug,
            "message": failure.message,
            "hint": failure.hint,
            "exit_code": failure.exit_code,
        }
    return document


def _model(one: Reaped) -> dict[str, object]:
    model = one.model
    return {
        "project_version_arn": model.project_version_arn,
        "model_status": one.detail if one.action == "stopped" else model.status,
        "standing": model.standing,
        "stop_after": model.stop_after.isoformat() if model.stop_after else None,
        "run_id": model.run_id,
        "action": one.action,
        "detail": one.detail,
    }
