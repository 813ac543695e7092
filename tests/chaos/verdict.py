"""What must hold after whatever was done to a run, read from the emulator's own bill."""

from collections import Counter
from dataclasses import dataclass, field, fields

from tests.chaos.bench import Workspace
from tests.chaos.orders import Ended


@dataclass(frozen=True, slots=True)
class Verdict:
    """What went wrong; all empty when nothing did."""

    unfinished: list[str] = field(default_factory=list)
    """The resumed run did not come to its end."""
    trainings: list[str] = field(default_factory=list)
    """Bought more than once, or not at all."""
    running: list[str] = field(default_factory=list)
    """Models that bill still."""
    predictions: list[str] = field(default_factory=list)
    """Lost or doubled."""
    unreadable: list[str] = field(default_factory=list)
    """`rcl-flow status` does not answer, or does not answer what is so."""

    @property
    def faults(self) -> list[str]:
        """Everything that went wrong, in words."""
        return [f"{part.name}: {one}" for part in fields(self) for one in getattr(self, part.name)]


def judge(workspace: Workspace, ended: Ended) -> Verdict:
    """Look at what a run that was resumed to its end has left."""
    return Verdict(
        unfinished=_unfinished(ended, workspace.bench.holdout_images),
        trainings=_trainings(workspace),
        running=_running(workspace),
        predictions=_predictions(workspace),
        unreadable=read_status(workspace, finished=True),
    )


def read_status(workspace: Workspace, *, finished: bool) -> list[str]:
    """Return what is wrong with the answer of `rcl-flow status`.

    Before the first record there is no store: then it says that there are no runs.
    """
    shown = workspace.status()
    if shown.code != 0:
        no_runs = not finished and shown.document.get("error", {}).get("slug") == "run-unknown"
        return [] if no_runs else [f"exit {shown.code}: {shown.document}"]
    states = [run["status"] for run in shown.document["runs"]]
    if finished and (states != ["completed"] or shown.document["models"]):
        return [f"runs {states}, models {shown.document['models']}"]
    return []


def _unfinished(ended: Ended, holdout_images: int) -> list[str]:
    if ended.code != 0:
        return [f"exit {ended.code}: {ended.document}"]
    if ended.document["model_status"] != "STOPPED":
        return [f"the report says that the model is {ended.document['model_status']}"]
    if ended.document["holdout"]["images"] != holdout_images:
        return [f"{ended.document['holdout']['images']} holdout images are judged"]
    return []


def _trainings(workspace: Workspace) -> list[str]:
    versions = workspace.bench.ask("GET", "meter")["versions"]
    paid = [arn for arn, bill in versions.items() if bill["billed_training_seconds"] > 0]
    return [] if len(versions) == len(paid) == 1 else [f"{len(paid)} paid of {sorted(versions)}"]


def _running(workspace: Workspace) -> list[str]:
    meter = workspace.bench.ask("GET", "meter")
    open_ended = [
        f"{arn} bills with no end"
        for arn, bill in meter["versions"].items()
        for interval in bill["intervals"]
        if interval["ended_at"] is None
    ]
    return [str(version) for version in meter["running"]] + open_ended


def _predictions(workspace: Workspace) -> list[str]:
    counts = Counter(workspace.predicted)
    doubled = [f"{digest[:12]} is there {n} times" for digest, n in counts.items() if n > 1]
    lost = workspace.bench.holdout_images - len(counts)
    return doubled + ([f"{lost} are missing"] if lost else [])
