"""The advice for a demo that was spoiled on purpose names what was spoiled.

The digits of the demo are trained on the emulator, but for twos, of which few are left, and for
threes and eights, of which many carry the other's label. (The emulator's model hardly needs more
than four fours; of twos it does.)
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rcl_flow.aws.s3 import S3Location
from rcl_flow.aws.session import (
    AwsAccess,
    make_session,
    rekognition_client,
    s3_client,
    scheduler_client,
)
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Split
from rcl_flow.core.scoring.advice import Advice
from rcl_flow.core.scoring.advising import advise
from rcl_flow.core.scoring.comparison import compare
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.gap_reasons import GapReasons
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.known import Known
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.thresholds import ThresholdTuning
from rcl_flow.core.scoring.typing_errors import type_errors
from rcl_flow.core.training.evaluation import Evaluation
from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.imaging.digits import DemoImage
from rcl_flow.pipeline.predicting.predicting import predict_holdout
from rcl_flow.pipeline.runs.results import (
    DatasetsWanted,
    ProjectWanted,
    TrainingWanted,
    UploadWanted,
)
from rcl_flow.pipeline.training.datasets import ensure_datasets, ensure_project
from rcl_flow.pipeline.training.evaluating import fetch_evaluation
from rcl_flow.pipeline.training.training import ask_training, await_training
from rcl_flow.pipeline.training.uploading import upload
from tests.unit.pipeline.bench import BUCKET, REGION, Bench

STARVED = "two"
KEPT = 3
SWAPPED_SHARE = 0.4
PAIR = {"three": "eight", "eight": "three"}


def spoiled(images: Sequence[DemoImage]) -> list[tuple[DemoImage, str]]:
    """Return training images with their labels: few twos, and threes and eights swapped."""
    rng = np.random.default_rng(3)
    seen = Counter[str]()
    chosen = []
    for image in images:
        seen[image.label] += 1
        if image.label == STARVED and seen[STARVED] > KEPT:
            continue
        swapped = image.label in PAIR and rng.random() < SWAPPED_SHARE
        chosen.append((image, PAIR[image.label] if swapped else image.label))
    return chosen


def put(folder: Path, split: Split, images: Sequence[tuple[DemoImage, str]]) -> Dataset:
    """Write images to disk and return them as a dataset."""
    made = []
    for image, label in images:
        path = folder / split / image.file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(image.png)
        sha256 = hashlib.sha256(image.png).hexdigest()
        made.append(DatasetImage(str(path), sha256, len(image.png), "PNG", (label,)))
    return Dataset(split, tuple(made))


def judged_by(bench: Bench, train: Dataset, test: Dataset, holdout: Dataset) -> Material:
    """Train on the emulator, run the holdout through the model and return what is known."""
    run = bench.run()
    wanted = UploadWanted(
        project="digits", bucket=BUCKET, prefix="rcl-flow", kms_key_id=None, train=train, test=test
    )
    project = ensure_project(ProjectWanted("digits", {}), run)
    datasets = DatasetsWanted(project, upload(wanted, run), {})
    ensure_datasets(datasets, run)
    training = TrainingWanted(
        project_arn=project.arn,
        content_digest=datasets.digest,
        output=S3Location(BUCKET, "out"),
        kms_key_id=None,
        tags={},
        retry_failed=False,
    )
    version = await_training(ask_training(training, run), run)
    evaluation: Evaluation = fetch_evaluation(version, run)
    judged: Judged = predict_holdout(version, holdout, BUCKET, run)
    return Material(
        evaluation=evaluation,
        judged=judged,
        thresholds={entry.label: entry.assumed_threshold for entry in evaluation.labels},
        training_images=Counter(label for image in train.distinct() for label in image.labels),
    )


def advice_on(material: Material) -> tuple[Advice, ...]:
    """Return the advice on a judged model, with nothing known of thresholds and slices."""
    comparison = compare(
        material.evaluation,
        material.judged,
        EvaluationRules(resamples=400),
        np.random.default_rng(0),
    )
    tuning = ThresholdTuning(
        used=False,
        calibration_images=0,
        judged_images=0,
        labels=(),
        f1_at_assumed=0,
        f1_at_chosen=0,
        f1_change_interval=(0, 0),
    )
    return advise(Known(material, comparison, tuning, GapReasons(), type_errors(material)))


def test_advice_names_what_was_spoiled_on_purpose(digits: list[DemoImage], tmp_path: Path) -> None:
    """Images of the starved label are asked for, and the swapped pair is to be checked."""
    access = AwsAccess(REGION, emulated=True)
    session = make_session(access)
    s3 = s3_client(session, access)
    with emulated_aws(World(clock=ManualClock())) as world:
        s3.create_bucket(Bucket=BUCKET)
        clients = rekognition_client(session, access), s3, scheduler_client(session, access)
        material = judged_by(
            Bench(tmp_path, world, *clients),
            put(tmp_path, "train", spoiled([i for i in digits if i.split == "train"])),
            put(tmp_path, "test", [(i, i.label) for i in digits if i.split == "test"]),
            put(tmp_path, "holdout", [(i, i.label) for i in digits if i.split == "holdout"]),
        )
    advice = advice_on(material)

    (pair,) = [each for each in advice if each.action == "merge"]
    assert pair.labels == ("eight", "three")
    assert "training images of them carry the other's label: check the labels" in pair.told
    assert pair.expected_gain is not None
    assert 0.03 < pair.expected_gain < 0.2
    assert {image.truth for image in pair.images} == {("eight",), ("three",)}
    (more,) = [each for each in advice if each.action == "collect"]
    assert more.labels == (STARVED,)
    assert more.images_wanted == 60 - KEPT + 3  # in steps of 5
    assert f"{STARVED} has {KEPT} training images" in more.evidence[0]
    assert more.practice == "D1"
    assert {pair.rank, more.rank} == {1, 2}
