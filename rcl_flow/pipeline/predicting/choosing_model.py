"""Which model a command uses, and at which thresholds: a named one, the champion, or the newest."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from rcl_flow.config import FlowConfig
from rcl_flow.core.label_text import some
from rcl_flow.core.scoring.applier import parse_judged_model, parse_thresholds
from rcl_flow.errors import AwsRefusedError, ConfigError, DataNotFoundError, UnknownRunError
from rcl_flow.pipeline.history.champions import find_champion
from rcl_flow.pipeline.history.selecting import select_runs
from rcl_flow.pipeline.judging.stored_answers import read_thresholds
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.shared_folders import bring_folder
from rcl_flow.pipeline.state.records import RunRecord, list_runs
from rcl_flow.pipeline.state.store import StateStore
from rcl_flow.pipeline.training.evaluating import fetch_evaluation


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """A model, and the finished run that has judged it."""

    version_arn: str
    run_id: str
    """Empty where no run of the workspace has judged it."""
    chosen_as: str
    """Why this one, in a few words."""


@dataclass(frozen=True, slots=True)
class ChosenThresholds:
    """Thresholds, 0 to 1 by label, and where they are from."""

    by_label: Mapping[str, float]
    source: str


def choose_model(
    config: FlowConfig, services: Services, *, run: str | None, version_arn: str | None
) -> ChosenModel:
    """Return the model that is named, else the config's, else the champion, else the newest run's.

    Args:
        config: whose project it is.
        services: whose store and backend.
        run: a run's id, its beginning, or `latest`, the newest of the project.
        version_arn: a project version.

    Raises:
        UnknownRunError: there is no such run, it is of another project, it has no model, or the
            project has none at all.
    """
    if version_arn is not None:
        return ChosenModel(version_arn, _judge_of(version_arn, services), "--version")
    if run is not None:
        record = _run_of_project(config.project, run, services.store)
        return ChosenModel(require_version(record), _finished_id(record), "--run")
    named = config.model.project_version_arn
    if named is not None:
        return ChosenModel(named, _judge_of(named, services), "the config's model")
    champion = find_champion(config.project, services)
    if champion is not None:
        return ChosenModel(champion.project_version_arn, champion.run_id, "the champion")
    newest = _newest(config.project, services)
    if newest is None:
        raise UnknownRunError(
            f"The project {config.project} has no model that a run here has judged.",
            hint="Run its config first, or name a model with `--version ARN`.",
        )
    return ChosenModel(newest.project_version_arn, newest.run_id, "the newest run's")


def choose_thresholds(
    model: ChosenModel, version: TrainedVersion, file: Path | None, run: Run
) -> ChosenThresholds:
    """Return the thresholds of a file, else of the run that judged the model, else the service's.

    Args:
        model: the model.
        version: the same, as the service describes it.
        file: a thresholds.json, or None.
        run: reaches the service's evaluation.

    Raises:
        ConfigError: the file is no thresholds.json, cannot be read, or is of another model.
        UnknownRunError: the run's thresholds are gone.
    """
    if file is not None:
        return _of_file(file, model, version, run)
    if model.run_id:
        return ChosenThresholds(_of_run(model, run), f"run {model.run_id}")
    evaluation = fetch_evaluation(version, run)
    return ChosenThresholds(
        {one.label: one.assumed_threshold for one in evaluation.labels},
        "the service's assumed thresholds",
    )


def labels_without_threshold(chosen: ChosenThresholds, labels: Set[str]) -> tuple[str, ...]:
    """Return, by name, which of the labels can never be given, for want of a threshold.

    Args:
        chosen: the thresholds.
        labels: that a model has answered.
    """
    return tuple(sorted(labels - chosen.by_label.keys()))


def require_version(record: RunRecord) -> str:
    """Return the model of a run.

    Raises:
        UnknownRunError: it has none yet.
    """
    if not record.project_version_arn:
        raise UnknownRunError(
            f"The run {record.run_id} has no project version yet.",
            hint="Finish it by running its config again, or name another run.",
        )
    return record.project_version_arn


def run_of_version(version_arn: str, store: StateStore) -> RunRecord | None:
    """Return the newest run that has that model, a finished one where there is one."""
    mine = [run for run in list_runs(store) if run.project_version_arn == version_arn]
    return max(mine, key=lambda run: (run.status == "completed", run.started_at), default=None)


def _run_of_project(project: str, wanted: str, store: StateStore) -> RunRecord:
    every = list_runs(store)
    mine = [run for run in every if run.project == project]
    record = select_runs(mine if wanted == "latest" else every, wanted)[0]
    if record.project != project:
        raise UnknownRunError(
            f"The run {record.run_id} is of the project {record.project}, the config of {project}.",
            hint=f"Name a run of {project}, or the other project's model with `--version ARN`; "
            "`rcl-flow runs` lists the runs of each.",
        )
    return record


def _judge_of(version_arn: str, services: Services) -> str:
    record = run_of_version(version_arn, services.store)
    return _finished_id(record) if record else ""


def _finished_id(record: RunRecord) -> str:
    return record.run_id if record.status == "completed" else ""


def _newest(project: str, services: Services) -> RunRecord | None:
    finished = [
        run
        for run in list_runs(services.store)
        if run.project == project
        and run.backend.identity == services.backend.identity
        and run.status == "completed"
        and run.project_version_arn
    ]
    return max(finished, key=lambda run: run.started_at, default=None)


def _of_file(file: Path, model: ChosenModel, version: TrainedVersion, run: Run) -> ChosenThresholds:
    content = _content(file)  # once: a pipe has nothing the second time
    chosen = ChosenThresholds(_parsed(content, file), str(file))
    _require_common_label(chosen, _known_labels(model, version, run))
    judged = parse_judged_model(content)
    if judged not in ("", model.version_arn):
        run.log.notice(f"{file} was made for another model, {judged}.")
    return chosen


def _require_common_label(chosen: ChosenThresholds, labels: Set[str]) -> None:
    """Refuse thresholds of another model, by which no image would be given any label."""
    if labels and labels.isdisjoint(chosen.by_label):
        raise ConfigError(
            f"{chosen.source} is of another model: it has a threshold for none of the labels "
            f"{some(sorted(labels))}.",
            hint="Give the thresholds.json of a run that has judged this model, or leave "
            "`--thresholds` out.",
        )


def _known_labels(model: ChosenModel, version: TrainedVersion, run: Run) -> Set[str]:
    """Return the model's labels; none where what tells them is gone: the file may do without."""
    try:
        if model.run_id:
            return _of_run(model, run).keys()
        return {one.label for one in fetch_evaluation(version, run).labels}
    except (UnknownRunError, AwsRefusedError):
        return frozenset()


def _of_run(model: ChosenModel, run: Run) -> Mapping[str, float]:
    return read_thresholds(bring_folder(model.run_id, run.services))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise DataNotFoundError(
            f"Cannot read {file}: {error.strerror or error}.",
            hint="Give a thresholds.json that a run has left, or leave `--thresholds` out.",
        ) from error


def _parsed(content: bytes, file: Path) -> Mapping[str, float]:
    try:
        return parse_thresholds(content)
    except ConfigError as error:
        raise ConfigError(f"Cannot use {file}: {error.message}", hint=error.hint) from error
