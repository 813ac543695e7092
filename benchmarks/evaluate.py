"""Time and memory of `rcl-flow evaluate`, as a user types it, on runs of three sizes.

How they grow is told of those from which on the start of the program does not count.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.figures import NEARLY_LINEAR, Figure, Form, Subject, growth
from rcl_flow.clock import SystemClock
from rcl_flow.core.audit.certificate import HoldoutCertificate, SplitIdentity
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.promotion.decision import decide
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.core.scoring.scored import KnownImages, score_model
from rcl_flow.core.training.evaluation import EvaluatedLabel, Evaluation, ImageOutcome
from rcl_flow.imaging.measuring import UnusableContent, measure_image
from rcl_flow.pipeline.data.known_images import write_material
from rcl_flow.pipeline.images.measure_lines import cache_folder, cache_path
from rcl_flow.pipeline.images.measuring import workspace_cache
from rcl_flow.pipeline.judging.answer_lines import write_answers
from rcl_flow.pipeline.judging.report_files import shown_of, write_scored
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.records import RunRecord, run_folder, run_key, write_record
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.wiring.stores import STORE_NAME
from tests.builders import picture
from tests.unit.report.pages import PROVENANCE, build_page

SIZES = (1_000, 10_000, 50_000, 250_000)
ROUNDS = 3
LABELS = tuple(f"label {n}" for n in range(8))
TEST_IMAGES = 2_000
ACCURACY = 0.95
LEFT = """
import sys
from pathlib import Path
from benchmarks.evaluate import leave_run
leave_run(Path(sys.argv[1]), int(sys.argv[2]))
"""
RUN = "20261124T100500Z-9f2c41aa"
CONFIG = """\
project: digits-demo
data: {train: {folder: train}, test: {folder: test}, holdout: {folder: holdout}}
"""


def measure(form: Form) -> Iterator[Figure]:
    """Yield time and peak memory of the command for each size, and how both grow."""
    seconds, megabytes = [], []
    for images in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            workspace = Path(folder)
            # a process counts the memory of the one that started it: that has to stay small
            subprocess.run([sys.executable, "-c", LEFT, folder, str(images)], check=True)
            runs = [_measured(workspace) for _ in range(ROUNDS)]
        wall, cpu = (median(each) for each in zip(*(run[:2] for run in runs), strict=True))
        seconds.append(cpu)
        megabytes.append(median(run[2] for run in runs) / 1e6)
        told = f"{wall:.1f} s wall; {megabytes[-1]:.0f} MB at most; median of {ROUNDS}"
        name = f"rcl-flow evaluate, {images:,} images, 8 labels, 2,000 resamples: CPU"
        yield Figure(name, round(cpu, 2), "s", None, told)
    yield growth("rcl-flow evaluate: CPU", SIZES[1:], seconds[1:], NEARLY_LINEAR)
    yield growth("rcl-flow evaluate: memory", SIZES[1:], megabytes[1:], NEARLY_LINEAR)


def leave_run(workspace: Path, images: int) -> None:
    """Write what a finished run of that many holdout images leaves in a workspace."""
    rng = np.random.default_rng(7)
    holdout = _images("holdout", images)
    tested = _images("test", TEST_IMAGES)
    _remember(workspace, [*holdout, *tested], rng)
    judged = Judged(holdout, {image.sha256: _answer(image, rng) for image in holdout})
    evaluation = _evaluation(tested, rng)
    known = KnownImages(test_images={image.uri: image for image in tested})
    rules = EvaluationRules()
    scored = score_model(evaluation, judged, known, rules, seed=1)
    page = build_page()
    page = replace(
        page,
        comparison=scored.comparison,
        decision=decide(scored.comparison, page.gates),
        analysis=scored.analysis,
        curves=scored.curves,
        images=shown_of(scored),
        rules=rules,
        provenance=replace(PROVENANCE, run_id=RUN, config_text=CONFIG),
        thumbnails={},
    )
    folder = run_folder(workspace, RUN)
    write_material(folder, evaluation, known)
    write_scored(scored, page, folder)
    write_answers(scored, folder)
    _certify(folder, images)
    _record(workspace)


def _images(split: str, count: int) -> tuple[DatasetImage, ...]:
    return tuple(
        DatasetImage(
            uri=f"/data/{split}/{number:06d}.jpg",
            sha256=hashlib.sha256(f"{split} {number}".encode()).hexdigest(),
            size_bytes=100_000,
            image_format="JPEG",
            labels=(LABELS[number % len(LABELS)],),
        )
        for number in range(count)
    )


def _answer(image: DatasetImage, rng: np.random.Generator) -> Prediction:
    """Return an answer with every label, as the service gives it at MinConfidence 0."""
    confidences = rng.uniform(0, 30, len(LABELS))
    said = LABELS.index(image.labels[0])
    if rng.random() > ACCURACY:
        said = int(rng.integers(len(LABELS)))
    confidences[said] = rng.uniform(60, 100)
    percents = np.round(confidences, 3).tolist()
    return Prediction(
        sha256=image.sha256, confidences_percent=dict(zip(LABELS, percents, strict=True))
    )


def _evaluation(images: tuple[DatasetImage, ...], rng: np.random.Generator) -> Evaluation:
    right = rng.random(len(images)) < ACCURACY
    share = float(right.mean())
    return Evaluation(
        precision=share,
        recall=share,
        f1=share,
        images=len(images),
        training_images=8_000,
        labels=tuple(
            EvaluatedLabel(
                label=label,
                images=len(images) // len(LABELS),
                precision=share,
                recall=share,
                f1=share,
                assumed_threshold=0.5,
            )
            for label in LABELS
        ),
        outcomes=tuple(
            ImageOutcome(
                source_ref=image.uri,
                truth=image.labels,
                hits=image.labels if good else (),
                false_alarms=(),
            )
            for image, good in zip(images, right.tolist(), strict=True)
        ),
    )


def _remember(workspace: Path, images: list[DatasetImage], rng: np.random.Generator) -> None:
    """Put measures of every image into the workspace's cache, each with a light of its own."""
    measured = measure_image(picture())
    if isinstance(measured, UnusableContent):
        raise TypeError(measured.reason)
    cache = workspace_cache(workspace)
    cache.measure(picture())
    cache.save()
    path = cache_path(cache_folder(workspace))
    line = json.loads(path.read_text().splitlines()[0])
    lights = np.round(rng.beta(4, 6, len(images)), 4).tolist()
    with path.open("a") as file:
        for image, light in zip(images, lights, strict=True):
            line["sha256"] = image.sha256
            line["measures"]["brightness"] = light
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


def _certify(folder: Path, images: int) -> None:
    certificate = HoldoutCertificate(
        issued_at=datetime(2026, 11, 24, tzinfo=UTC),
        splits={"holdout": SplitIdentity(digest="e1" * 32, images=images, hashed_images=images)},
        near_duplicate_bits=6,
        overlaps={},
        unchecked=(),
        accepted={},
        uses=0,
    )
    (folder / "certificate.json").write_text(certificate.model_dump_json())


def _record(workspace: Path) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    record = RunRecord(
        run_id=RUN,
        input_digest="0" * 64,
        project="digits-demo",
        backend=Backend(kind="emulator", region="us-east-1"),
        status="completed",
        started_at=now,
        updated_at=now,
    )
    write_record(SqliteStore(workspace / STORE_NAME, SystemClock()), run_key(RUN), record)


def _measured(workspace: Path) -> tuple[float, float, int]:
    """Return wall seconds, CPU seconds and peak bytes of the command, in its own process."""
    command = [sys.executable, "-m", "rcl_flow", "evaluate", RUN, "--workspace", str(workspace)]
    started = time.perf_counter()
    process = subprocess.Popen([*command, "--json"], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    taken = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"evaluate ended with {process.returncode}")
    return taken, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


SUBJECT = Subject("evaluate", measure)
