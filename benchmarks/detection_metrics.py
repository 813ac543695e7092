"""Average precision of objects at an overlap of 0.5, against pycocotools and faster-coco-eval.

Ours is matching, ranking and COCO's 101 points, as `Quality` has them, from arrays of boxes; of the
peers only evaluating and accumulating is timed, at that one overlap.
"""

import contextlib
import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks import detection_peer
from benchmarks.figures import NEARLY_LINEAR, Figure, Form, Goal, Subject, at_least, at_most, growth
from benchmarks.measuring import Compared, compare, cpu_seconds, ratio_figure, used_by
from rcl_flow.core.scoring.answers import Indices, Numbers, ObjectAnswers
from rcl_flow.core.scoring.matching import match_objects, places_in_groups
from rcl_flow.core.scoring.quality import MOST_BOXES
from rcl_flow.core.scoring.ranking import interpolated_at, ranked_objects
from rcl_flow.core.scoring.suspects import suspect_boxes
from rcl_flow.core.scoring.typed_boxes import box_mistakes

SIZES = (1_000, 25_000, 250_000)
COMPARED = SIZES[:2]
"""Images of which the peers are asked, too."""
LABELS = tuple("abcdef")
PEERS = Path(".bench/metrics/bin/python")
GOALS = {"faster-coco-eval": 10.0, "pycocotools": 40.0}
ROUNDS = 3
SAME = 1e-9
REPEATS = 25_000
"""Ours is asked so often that about so many images are judged: else the clock is too coarse."""
CROWDED_TRUE, CROWDED_LABELS = 8, 3
HALF_PERCENT = 50.0


def measure(form: Form) -> Iterator[Figure]:
    """Yield both comparisons, then how cost grows."""
    if form == "short":
        yield from _against("pycocotools", draw(COMPARED[0]), _here)
        return
    if PEERS.exists():
        for images in COMPARED:
            answers = draw(images)
            for library in GOALS:
                yield from _against(library, answers, _there)
    else:
        print("peers of boxes: make .bench/metrics/.installed", file=sys.stderr)
    drawn = [draw(images) for images in SIZES]
    yield growth("average precision: CPU", SIZES, [*map(_ours_seconds, drawn)], NEARLY_LINEAR)
    yield from _crowded()


def average_precisions(answers: ObjectAnswers) -> list[float]:
    """Return the average precision of each label at an overlap of 0.5, as COCO defines it."""
    counted = places_in_groups(answers) < MOST_BOXES
    ranked = ranked_objects(answers, match_objects(answers), counted)
    return [
        float(interpolated_at(each.right[np.newaxis], each.positives)[0]) if each.positives else 0.0
        for each in ranked
    ]


def draw(images: int, seed: int = 0) -> ObjectAnswers:
    """Draw two objects an image, most of them found, some with a wrong label, and false alarms."""
    rng = np.random.default_rng(seed)
    true_images = np.repeat(np.arange(images), rng.poisson(2, images))
    true_labels = rng.integers(0, len(LABELS), len(true_images))
    true_boxes = _any_boxes(len(true_images), rng)
    seen = rng.random(len(true_images)) < 0.85
    mixed_up = rng.random(int(seen.sum())) < 0.1
    others = rng.integers(0, len(LABELS), len(mixed_up))
    strays = np.repeat(np.arange(images), rng.poisson(0.7, images))
    found_images = np.concatenate([true_images[seen], strays])
    found_labels = np.concatenate(
        [
            np.where(mixed_up, others, true_labels[seen]),
            rng.integers(0, len(LABELS), len(strays)),
        ]
    )
    near = true_boxes[seen] + rng.normal(0, 0.02, (len(mixed_up), 4))
    found_boxes = np.vstack([near, _any_boxes(len(strays), rng)])
    order = np.argsort(found_images, kind="stable")
    return ObjectAnswers(
        labels=LABELS,
        images=images,
        true_images=true_images,
        true_labels=true_labels,
        true_boxes=true_boxes,
        found_images=found_images[order],
        found_labels=found_labels[order],
        found_boxes=found_boxes[order],
        confidences_percent=rng.uniform(1, 100, len(order)),
    )


def crowded(images: int) -> ObjectAnswers:
    """Draw eight large objects of three labels an image, each found twice."""
    rng = np.random.default_rng(0)
    true_images = np.repeat(np.arange(images), CROWDED_TRUE)
    true_labels = rng.integers(0, CROWDED_LABELS, len(true_images))
    corners = rng.uniform(0.05, 0.35, (len(true_images), 2))
    true_boxes = np.hstack([corners, corners + rng.uniform(0.15, 0.5, corners.shape)])
    blur = rng.uniform(-0.02, 0.02, (2 * len(true_images), 4))
    return ObjectAnswers(
        labels=LABELS[:CROWDED_LABELS],
        images=images,
        true_images=true_images,
        true_labels=true_labels,
        true_boxes=true_boxes,
        found_images=np.repeat(true_images, 2),
        found_labels=np.repeat(true_labels, 2),
        found_boxes=np.repeat(true_boxes, 2, axis=0) + blur,
        confidences_percent=rng.uniform(1, 100, len(blur)),
    )


def _any_boxes(count: int, rng: np.random.Generator) -> Numbers:
    corners = rng.uniform(0.05, 0.6, (count, 2))
    return np.hstack([corners, corners + rng.uniform(0.1, 0.35, (count, 2))])


Peer = Callable[[str, ObjectAnswers], dict[str, Any]]
"""Asks a library for the average precision of boxes."""


def _against(library: str, answers: ObjectAnswers, ask: Peer) -> Iterator[Figure]:
    told: list[dict[str, Any]] = []

    def theirs() -> float:
        told.append(ask(library, answers))
        return float(median(told[-1]["seconds"]))

    found: Compared = compare(theirs, lambda: _ours_seconds(answers), rounds=ROUNDS)
    name = f"average precision at 0.5, {answers.images:,} images"
    goal: Goal = at_least(GOALS[library])
    yield ratio_figure(f"{name}: CPU, {library} against ours", found, "s", goal)
    ours, wanted = np.array(average_precisions(answers)), np.array(told[-1]["values"])
    differ = float(np.abs(ours - wanted).max())
    yield Figure(f"{name}: largest difference to {library}", differ, "", at_most(SAME))


def _ours_seconds(answers: ObjectAnswers) -> float:
    repeats = max(1, REPEATS // answers.images)
    return cpu_seconds(lambda: [average_precisions(answers) for _ in range(repeats)]) / repeats


def _boxes(answers: ObjectAnswers) -> dict[str, Any]:
    """Return the boxes as the peer takes them: left, top, width and height."""
    sides = {
        name: np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
        for name, boxes in (("true", answers.true_boxes), ("found", answers.found_boxes))
    }
    return {
        "images": answers.images,
        "labels": len(answers.labels),
        "true_images": answers.true_images,
        "true_labels": answers.true_labels,
        "true_boxes": sides["true"],
        "found_images": answers.found_images,
        "found_labels": answers.found_labels,
        "found_boxes": sides["found"],
        "percents": answers.confidences_percent,
    }


def _here(library: str, answers: ObjectAnswers) -> dict[str, Any]:
    with contextlib.redirect_stdout(io.StringIO()):
        return detection_peer.judge(library, _boxes(answers), 1)


def _there(library: str, answers: ObjectAnswers) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "boxes.npz"
        np.savez(path, **_boxes(answers))
        command = [str(PEERS), detection_peer.__file__, library, str(path), "1"]
        last = used_by(command).output.strip().splitlines()[-1]
    answer: dict[str, Any] = json.loads(last)
    return answer


def _crowded() -> Iterator[Figure]:
    """Yield what crowded images cost: matching, and finding the kinds of mistakes."""
    sizes, matching, typing = (1_000, 5_000, 25_000), [], []
    for images in sizes:
        answers = crowded(images)
        matching.append(min(cpu_seconds(lambda: match_objects(answers)) for _ in range(3)))  # noqa: B023  # run at once
        matches = match_objects(answers)
        typing.append(min(cpu_seconds(lambda: _typed(answers, matches)) for _ in range(3)))  # noqa: B023  # run at once
    yield growth("matching of crowded images: CPU", sizes, matching, NEARLY_LINEAR)
    yield growth("kinds of mistakes in crowded images: CPU", sizes, typing, NEARLY_LINEAR)


def _typed(answers: ObjectAnswers, matches: Indices) -> None:
    least = np.full(len(answers.labels), HALF_PERCENT)
    suspect_boxes(box_mistakes(answers, matches, least), answers, matches, least)


SUBJECT = Subject("detection_metrics", measure, has_short_form=True)
