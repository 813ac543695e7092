"""Train one window model: windows on objects against windows elsewhere.

The background is sampled at random first, then where the model finds what is not there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rcl_flow.emulator.learning.detector import WindowModel
from rcl_flow.emulator.learning.features import Floats
from rcl_flow.emulator.learning.regression import Targets, fit, project
from rcl_flow.emulator.learning.windows import Corners, Level, Numbers, Template, overlaps

Matrix = npt.NDArray[np.float64]

_ON_OBJECT = 0.7
_OFF_OBJECT = 0.35
_LEAST_ON_OBJECT = 0.3
_BACKGROUNDS_PER_LEVEL = 12
_HARD_ROUNDS = 2
_HARD_PER_SCENE = 15
_STRENGTH = 0.01
_MOST_AXES = 1200
_RIDGE = 200.0
_SMALLEST_DEVIATION = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One training image: its levels, and its objects."""

    levels: tuple[Level, ...]
    objects: Corners
    labels: Numbers
    """The label's number of each object."""
    shapes: Numbers
    """The shape's number of each object."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One of the shapes that are looked for."""

    number: int
    template: Template
    label_count: int

    @property
    def background(self) -> int:
        """The class of windows that show no object."""
        return self.label_count


@dataclass(frozen=True, slots=True, eq=False)
class _Windows:
    """Windows to learn from: what they see, their class, and how far their object is off."""

    vectors: Floats
    classes: Numbers
    moves: Matrix


def train_windows(scenes: Sequence[Scene], shape: Shape, rng: np.random.Generator) -> WindowModel:
    """Return a model for windows of one shape.

    Args:
        scenes: All training images; at least one level with windows of the shape.
        shape: Which objects count as its own.
        rng: Chooses the background.
    """
    windows = [found for scene in scenes for found in _windows(scene, shape, rng)]
    model = _fitted(windows, shape)
    for _ in range(_HARD_ROUNDS):
        windows += [_false_alarms(scene, shape, model) for scene in scenes]
        model = _fitted(windows, shape)
    return model


def _windows(scene: Scene, shape: Shape, rng: np.random.Generator) -> Iterator[_Windows]:
    own = np.flatnonzero(scene.shapes == shape.number)
    best = np.full(len(own), _LEAST_ON_OBJECT)
    best_windows: dict[int, tuple[Level, int]] = {}
    for level in scene.levels:
        shared, nearest, highest = _overlaps(scene, level, shape)
        free = np.flatnonzero(highest < _OFF_OBJECT)
        chosen = rng.permutation(free)[:_BACKGROUNDS_PER_LEVEL]
        yield _background(level, shape, chosen)
        on = np.flatnonzero((highest > _ON_OBJECT) & np.isin(nearest, own))
        yield _on_objects(scene, level, shape, (on, nearest[on]))
        for index, number in enumerate(own.tolist()):
            if len(shared) and shared[:, number].max() > best[index]:
                best[index] = shared[:, number].max()
                best_windows[number] = level, int(shared[:, number].argmax())
    for number, (level, window) in best_windows.items():
        if best[np.flatnonzero(own == number)[0]] <= _ON_OBJECT:
            yield _on_objects(scene, level, shape, (np.array([window]), np.array([number])))


def _overlaps(scene: Scene, level: Level, shape: Shape) -> tuple[Matrix, Numbers, Matrix]:
    """Return each window's overlap with each object, the nearest object and its overlap."""
    corners = level.corners(shape.template)
    if not len(scene.objects):
        nothing = np.zeros(len(corners))
        return np.zeros((len(corners), 0)), nothing.astype(np.intp), nothing
    shared = overlaps(corners, scene.objects)
    return shared, shared.argmax(axis=1), shared.max(axis=1)


def _background(level: Level, shape: Shape, windows: Numbers) -> _Windows:
    classes = np.full(len(windows), shape.background, dtype=np.intp)
    return _Windows(level.vectors(shape.template, windows), classes, np.zeros((len(windows), 4)))


def _on_objects(
    scene: Scene, level: Level, shape: Shape, pairs: tuple[Numbers, Numbers]
) -> _Windows:
    windows, objects = pairs
    corners, truth = level.corners(shape.template)[windows], scene.objects[objects]
    size = corners[:, 2:] - corners[:, :2]
    centre_off = ((truth[:, 2:] + truth[:, :2]) - (corners[:, 2:] + corners[:, :2])) / 2 / size
    stretch = np.log(np.maximum(truth[:, 2:] - truth[:, :2], 1e-6) / size)
    return _Windows(
        level.vectors(shape.template, windows),
        scene.labels[objects],
        np.hstack([centre_off, stretch]),
    )


def _false_alarms(scene: Scene, shape: Shape, model: WindowModel) -> _Windows:
    """Return the windows away from all objects in which the model sees one most surely."""
    found: list[tuple[float, Level, int]] = []
    for level in scene.levels:
        _, _, highest = _overlaps(scene, level, shape)
        if not len(highest):
            continue
        surest = model.confidences(level).max(axis=1)
        surest[highest >= _OFF_OBJECT] = 0
        best = np.argsort(-surest, kind="stable")[:_HARD_PER_SCENE]
        found += [(float(surest[n]), level, int(n)) for n in best if surest[n] > 0]
    found.sort(key=lambda each: -each[0])
    parts = [_background(level, shape, np.array([n])) for _, level, n in found[:_HARD_PER_SCENE]]
    return _joined([*parts, _nothing(shape)])


def _nothing(shape: Shape) -> _Windows:
    length = shape.template.length
    return _Windows(np.empty((0, length), np.float32), np.empty(0, np.intp), np.empty((0, 4)))


def _joined(windows: Sequence[_Windows]) -> _Windows:
    return _Windows(
        np.concatenate([each.vectors for each in windows]),
        np.concatenate([each.classes for each in windows]),
        np.concatenate([each.moves for each in windows]),
    )


def _fitted(parts: Sequence[_Windows], shape: Shape) -> WindowModel:
    windows = _joined(parts)
    mean = windows.vectors.mean(axis=0, dtype=np.float64)
    deviation = np.maximum(windows.vectors.std(axis=0, dtype=np.float64), _SMALLEST_DEVIATION)
    standard = (windows.vectors - mean) / deviation
    space = project(standard, _MOST_AXES)
    truth = windows.classes[:, None] == np.arange(shape.label_count + 1)[None, :]
    line = fit(space, Targets(truth, exclusive=True), strength=_STRENGTH)
    weights = space.unfold(line.weights) / deviation[:, None]
    on = windows.classes != shape.background
    moves, centre = _ridge(standard[on], windows.moves[on])
    moves /= deviation[:, None]
    return WindowModel(
        shape.template,
        np.ascontiguousarray(weights, dtype=np.float32),
        (line.offsets - mean @ weights).astype(np.float32),
        moves.astype(np.float32),
        (centre - mean @ moves).astype(np.float32),
    )


def _ridge(inputs: Matrix, targets: Matrix) -> tuple[Matrix, Matrix]:
    """Return weights and offsets of a ridge regression; nothing moves where nothing is known."""
    if not len(inputs):
        return np.zeros((inputs.shape[1], targets.shape[1])), np.zeros(targets.shape[1])
    offset = inputs.mean(axis=0)
    centred = inputs - offset
    gram = centred.T @ centred + _RIDGE * np.eye(inputs.shape[1])
    centre = targets.mean(axis=0)
    weights = np.linalg.solve(gram, centred.T @ (targets - centre))
    return weights, centre - offset @ weights
