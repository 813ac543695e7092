"""The demo: what the emulator's learner costs, and where the time of a whole run goes."""

import cProfile
import pstats
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from benchmarks.figures import Figure, Form, Subject, at_least, at_most, growth
from benchmarks.measuring import compare, cpu_seconds, ratio_figure, used_by
from benchmarks.server_calls import Server
from rcl_flow.emulator.launch import read_handle, shut_down
from rcl_flow.emulator.learning.calibration import MOST_FOLDS, STRENGTHS
from rcl_flow.emulator.learning.features import image_features
from rcl_flow.emulator.learning.learner import Example, train_classifier

OURS: Final = str(Path(sys.executable).with_name("rcl-flow"))
ROUNDS: Final = 5
SEED: Final = 8
SIZES: Final = (450, 900, 1_788)
QUADRATIC: Final = at_most(2)
"""Every example is multiplied with every other one, as the learner's Gram matrix wants it."""
SMALLEST_DEVIATION: Final = 0.01
MOST_DESCENTS: Final = 200
Floats = npt.NDArray[np.float64]


def examples(folder: Path) -> list[Example]:
    """Return the labelled images of a folder of the demo."""
    files = sorted(folder.rglob("*.png"))
    return [Example(file.read_bytes(), frozenset({file.parent.name})) for file in files]


def standardised(train: list[Example]) -> Floats:
    """Return the learner's own features, one row an example, for a peer to learn from."""
    features = np.stack([image_features(each.image) for each in train]).astype(np.float64)
    deviation = np.maximum(features.std(axis=0), SMALLEST_DEVIATION)
    return np.asarray((features - features.mean(axis=0)) / deviation)


def peers_training(train: list[Example]) -> None:
    """Do with scikit-learn what the learner does: features, folds at each strength, one last fit.

    Its temperature is left out, in the peer's favour.
    """
    from sklearn.linear_model import LogisticRegression

    features, labels = standardised(train), np.array([min(each.labels) for each in train])
    folds = np.arange(len(labels)) % MOST_FOLDS
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it stops at its most steps, as ours does
        for strength in STRENGTHS:
            for fold in range(MOST_FOLDS):
                inside = folds != fold
                peer = LogisticRegression(C=strength, max_iter=MOST_DESCENTS)
                peer.fit(features[inside], labels[inside])
        LogisticRegression(C=STRENGTHS[1], max_iter=MOST_DESCENTS).fit(features, labels)


def floor(train: list[Example], evaluations: int) -> None:
    """Do only what no trainer of the kind is spared: features, one Gram matrix, the products."""
    features = standardised(train)
    rng = np.random.default_rng(SEED)
    with threadpool_limits(1):
        np.linalg.eigh(features @ features.T)
        rows = len(train) * (MOST_FOLDS - 1) // MOST_FOLDS
        axes, labels = min(500, len(train)) + 1, len({min(each.labels) for each in train})
        inputs = rng.normal(size=(rows, axes))
        point, errors = rng.normal(size=(labels, axes)), rng.normal(size=(labels, rows))
        for _ in range(evaluations):
            point @ inputs.T
            errors @ inputs


def evaluations_of(train: list[Example]) -> int:
    """Return how often the learner evaluates its objective, each time with two products."""
    profile = cProfile.Profile()
    profile.runcall(train_classifier, train, seed=SEED)
    counted: dict[tuple[str, int, str], tuple[int, ...]] = vars(pstats.Stats(profile))["stats"]
    return sum(numbers[0] for (_, _, name), numbers in counted.items() if name == "objective")


def measure(form: Form) -> Iterator[Figure]:
    """Compare the training of the demo with a peer's and with a floor, then run the demo."""
    with TemporaryDirectory() as scratch:
        demo = Path(scratch) / "demo"
        used_by([OURS, "demo-data", str(demo)])
        train = examples(demo / "train")
        trained = train_classifier(train, seed=SEED)
        peers_training(train[:: len(train) // 100])  # what is loaded at first use is not measured
        found = compare(
            lambda: cpu_seconds(lambda: peers_training(train)),
            lambda: cpu_seconds(lambda: train_classifier(train, seed=SEED)),
            rounds=ROUNDS,
        )
        what = f"CPU, scikit-learn's logistic regression by ours, {len(train)} images"
        yield ratio_figure(what, found, "s", at_least(1))
        evaluations = evaluations_of(train)
        found = compare(
            lambda: cpu_seconds(lambda: train_classifier(train, seed=SEED)),
            lambda: cpu_seconds(lambda: floor(train, evaluations)),
            rounds=ROUNDS,
        )
        yield ratio_figure("CPU, ours by features and products alone", found, "s")
        holdout = examples(demo / "holdout")
        scores = [trained.scores(each.image) for each in holdout]
        pairs = zip(holdout, scores, strict=True)
        right = sum(max(score, key=score.__getitem__) in each.labels for each, score in pairs)
        yield Figure("share of the holdout that it tells", right / len(holdout), "", at_least(0.98))
        everything = [*train, *examples(demo / "test"), *holdout]
        costs = [
            cpu_seconds(lambda: train_classifier(everything[::step][:size], seed=SEED))  # noqa: B023
            for size, step in ((size, len(everything) // size) for size in SIZES)
        ]
        yield growth("CPU of a training", SIZES, costs, QUADRATIC)
        yield from whole_run(demo)


def whole_run(demo: Path) -> Iterator[Figure]:
    """Run the demo as a newcomer does, its emulator included."""
    workspace = demo / ".rcl-flow"
    try:
        began = time.perf_counter()
        used = used_by([OURS, "run", str(demo / "rcl-flow.yaml")], cwd=demo)
        wall = time.perf_counter() - began
        handle = read_handle(workspace / "emulator")
        server = Server(handle.endpoint_url, handle.pid).cpu_seconds if handle else float("nan")
    finally:
        shut_down(workspace / "emulator")
    yield Figure("rcl-flow run of the demo, CPU of the command", round(used.cpu_seconds, 2), "s")
    yield Figure("rcl-flow run of the demo, CPU of its emulator", round(server, 2), "s")
    yield Figure("rcl-flow run of the demo, wall", round(wall, 2), "s")


SUBJECT = Subject("demo_training", measure)
