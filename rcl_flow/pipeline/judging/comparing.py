"""Compare two finished runs that judged the same holdout, from what they left in their folders."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

import rcl_flow
from rcl_flow.aws.s3 import S3
from rcl_flow.core.datasets.dataset import Task
from rcl_flow.core.naming import seed_of
from rcl_flow.core.scoring.changed_images import Contender
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.paired import PairedComparison, compare_paired
from rcl_flow.core.values import Frozen
from rcl_flow.errors import HoldoutsDifferError, UnknownRunError
from rcl_flow.files import write_bytes, write_text
from rcl_flow.formats.places import is_s3
from rcl_flow.pipeline.data.certificates import CERTIFICATE_NAME, read_certificate
from rcl_flow.pipeline.history.selecting import state_of
from rcl_flow.pipeline.images.pictures import WantedPicture, pictures
from rcl_flow.pipeline.judging.stored_answers import (
    read_comparison,
    read_judged_answers,
    read_model,
    read_thresholds,
    require_all_answers,
)
from rcl_flow.pipeline.runs.shared_folders import bring_files
from rcl_flow.pipeline.state.records import RunRecord
from rcl_flow.pipeline.state.store import StateStore
from rcl_flow.report.paired_html import render_paired_html, shown_images
from rcl_flow.report.paired_page import ComparedRun, Kinship, PairedPage

_SHOWN_DIGITS = 12
_DONE: Final[dict[Task, str]] = {
    "classification": "classifies images",
    "detection": "detects objects",
}


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run and the folder that it left."""

    record: RunRecord
    folder: Path


class ComparedRuns(Frozen):
    """What `compare-….json` holds."""

    format_version: int = 1
    first: str
    """A run's id, as is the second."""
    second: str
    holdout_digest: str
    kinship: Kinship = "two models"
    """What the two runs have in common, besides the holdout."""
    first_thresholds: tuple[float, float] = (0.0, 0.0)
    """The lowest and the highest of the labels, 0 to 1, as the second's."""
    second_thresholds: tuple[float, float] = (0.0, 0.0)
    comparison: PairedComparison


@dataclass(frozen=True, slots=True)
class Objects:
    """Where the runs' images may lie."""

    s3: S3
    reachable: bool
    """False when it was an emulator that is gone: only local images can be shown."""


@dataclass(frozen=True, slots=True)
class ComparisonFiles:
    """The comparison and the files that hold it."""

    document: ComparedRuns
    html: Path
    json_file: Path


def finished_run(record: RunRecord, store: StateStore, workspace: Path) -> FinishedRun:
    """Return a run of a workspace, by the record of its store, that can be compared.

    Raises:
        UnknownRunError: it has not finished.
    """
    if record.status != "completed":
        raise UnknownRunError(
            f"The run {record.run_id} is {state_of(record, store)}: it has no score to compare.",
            hint="Finish it by running its config again; `rcl-flow status` lists the runs.",
        )
    return FinishedRun(record, bring_files(record.run_id, store, workspace))


def compare_runs(first: FinishedRun, second: FinishedRun, rules: EvaluationRules) -> ComparedRuns:
    """Compare two runs on the images that both have judged.

    Images on which a run has tuned its thresholds are left out, since they flatter it.

    Args:
        first: the run that is there.
        second: the run that is compared with it.
        rules: margin, confidence level and number of resamples.

    Raises:
        HoldoutsDifferError: they do not do the same, or were judged on different images or labels.
        UnknownRunError: what a run left cannot be read.
        StoreError: a run's certificate cannot be read.
    """
    task = _same_task(first, second)
    digest = _same_holdout(first, second)
    contenders = contender_of(first, task), contender_of(second, task)
    rng = np.random.default_rng(seed_of(digest))
    return ComparedRuns(
        first=first.record.run_id,
        second=second.record.run_id,
        holdout_digest=digest,
        kinship=_kinship(first, second, contenders),
        first_thresholds=_ends(contenders[0]),
        second_thresholds=_ends(contenders[1]),
        comparison=compare_paired(*contenders, rules, rng),
    )


def contender_of(run: FinishedRun, task: Task) -> Contender:
    """Return a finished run's model with what it has answered.

    Raises:
        UnknownRunError: what the run left cannot be read.
    """
    stored = read_judged_answers(run.folder)
    there = read_comparison(run.folder).holdout.images
    require_all_answers(len(stored.judged.images), there, run.folder)
    return Contender(
        judged=stored.judged,
        thresholds=read_thresholds(run.folder),
        task=task,
        tuned_on=stored.tuned_on,
    )


def write_comparison(
    document: ComparedRuns,
    runs: tuple[FinishedRun, FinishedRun],
    folder: Path,
    objects: Objects,
    created_at: datetime,
) -> ComparisonFiles:
    """Write the page and the JSON file of a comparison.

    Args:
        document: of `compare_runs`.
        runs: the first and the second.
        folder: where the files are put.
        objects: for pictures of images that lie there.
        created_at: now, in UTC.

    Raises:
        LocalFilesError: a file cannot be written.
    """
    name = f"compare-{document.first}-{document.second}"
    page = PairedPage(
        comparison=document.comparison,
        first=_compared(runs[0], document.first_thresholds),
        second=_compared(runs[1], document.second_thresholds),
        kinship=document.kinship,
        holdout_digest=document.holdout_digest,
        program_version=rcl_flow.__version__,
        created_at=created_at,
        thumbnails=pictures(
            (
                WantedPicture(image.sha256, image.uri, upright=not image.first.boxes)
                for image in shown_images(document.comparison)
                if objects.reachable or not is_s3(image.uri)
            ),
            objects.s3,
        ),
    )
    files = ComparisonFiles(document, folder / f"{name}.html", folder / f"{name}.json")
    write_text(files.html, render_paired_html(page))
    write_bytes(files.json_file, document.model_dump_json(indent=1).encode())
    return files


def _same_task(first: FinishedRun, second: FinishedRun) -> Task:
    tasks = [read_comparison(run.folder).task for run in (first, second)]
    if tasks[0] != tasks[1]:
        told = " and ".join(
            f"{run.record.run_id} {_DONE[task]}"
            for run, task in zip((first, second), tasks, strict=True)
        )
        raise HoldoutsDifferError(
            f"The runs do not do the same: {told}. Their scores count different things.",
            hint="Compare two runs of the same task; `rcl-flow runs` lists them.",
        )
    return tasks[0]


def _kinship(
    first: FinishedRun, second: FinishedRun, contenders: tuple[Contender, Contender]
) -> Kinship:
    if first.record.run_id == second.record.run_id:
        return "same run"
    models = read_model(first.folder), read_model(second.folder)
    if not models[0] or models[0] != models[1]:
        return "two models"
    alike = dict(contenders[0].thresholds) == dict(contenders[1].thresholds)
    return "same model and thresholds" if alike else "same model"


def _ends(contender: Contender) -> tuple[float, float]:
    values = contender.thresholds.values()
    return min(values, default=0.0), max(values, default=0.0)


def _same_holdout(first: FinishedRun, second: FinishedRun) -> str:
    digests = [
        read_certificate(run.folder / CERTIFICATE_NAME).holdout_digest for run in (first, second)
    ]
    if digests[0] != digests[1]:
        told = " and ".join(digest[:_SHOWN_DIGITS] for digest in digests)
        raise HoldoutsDifferError(
            f"The runs {first.record.run_id} and {second.record.run_id} were judged on different "
            f"holdouts ({told}): a difference of their scores says nothing of the models.",
            hint="Judge both models on one holdout: run the older model again with "
            "`model.project_version_arn` and the newer run's `data.holdout`.",
        )
    return digests[0]


def _compared(run: FinishedRun, thresholds: tuple[float, float]) -> ComparedRun:
    record = run.record
    return ComparedRun(
        run_id=record.run_id,
        project=record.project,
        project_version_arn=read_model(run.folder),
        backend=record.backend.kind,
        started_at=record.started_at,
        thresholds=thresholds,
    )
