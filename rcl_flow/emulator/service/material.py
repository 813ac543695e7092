"""Gathering what a training needs: the lines from datasets or manifests, and the images from S3."""

from collections import Counter
from collections.abc import Iterable

from rcl_flow.emulator.conditions.world import Quotas
from rcl_flow.emulator.data.catalogue import (
    BUCKET_FORBIDDEN,
    FILE_EMPTY,
    FILE_INVALID,
    FILE_TOO_MANY_ROWS,
    OUTPUT_NOT_WRITABLE,
    max_manifest_lines,
)
from rcl_flow.emulator.data.imports import check_manifest, read_manifest_lines
from rcl_flow.emulator.data.manifests import parse_source_ref
from rcl_flow.emulator.data.objects import (
    BucketFacts,
    ObjectForbiddenError,
    ObjectRef,
    ObjectUnavailableError,
)
from rcl_flow.emulator.data.sides import FetchedImages, Side, Sides
from rcl_flow.emulator.errors import in_use, invalid_parameter, limit_exceeded
from rcl_flow.emulator.service.datasets import SETTLED_STATES, fetch_manifest, object_ref
from rcl_flow.emulator.service.state import Context, Dataset, Project
from rcl_flow.emulator.service.training import TrainingMaterial
from rcl_flow.emulator.shapes import JsonObject


class FileProblemError(Exception):
    """A manifest file or the output location cannot be used; the text is the service's."""


def gather_material(
    context: Context, project: Project, request: JsonObject, *, seed: str
) -> TrainingMaterial:
    """Return what CreateProjectVersion's `request` asks to train with.

    Raises:
        ApiError: The request does not fit the project, or its datasets are busy.
    """
    train_with, test_with = _sources(project, request)
    try:
        require_output(context, request["OutputConfig"])
        training = _side(context, train_with, testing=False)
        testing = None if test_with is None else _side(context, test_with, testing=True)
    except FileProblemError as problem:
        return TrainingMaterial(file_error=str(problem))
    if context.world.quotas is not None:
        _require_quotas(context.world.quotas, training, testing)
    images = _fetch_images(context, [training, testing] if testing else [training])
    return TrainingMaterial(Sides(training, testing, seed, images))


Source = Dataset | ObjectRef


def _sources(project: Project, request: JsonObject) -> tuple[Source, Source | None]:
    if ("TrainingData" in request) != ("TestingData" in request):
        raise invalid_parameter("TrainingData and TestingData must be given together.")
    if "TrainingData" not in request:
        return _dataset_sources(project)
    if project.datasets():
        raise invalid_parameter(
            "TrainingData and TestingData cannot be given for a project that has datasets."
        )
    testing = request["TestingData"]
    if testing.get("AutoCreate"):
        if testing.get("Assets"):
            raise invalid_parameter("TestingData takes Assets or AutoCreate, not both.")
        return _asset(request["TrainingData"]), None
    return _asset(request["TrainingData"]), _asset(testing)


def _dataset_sources(project: Project) -> tuple[Source, Source | None]:
    datasets = project.datasets()
    if "TRAIN" not in datasets:
        raise invalid_parameter("The project has no training dataset.")
    for dataset in datasets.values():
        status = dataset.timeline.read()
        if status.endswith("_IN_PROGRESS"):
            raise in_use(f"The {dataset.kind} dataset cannot be used: its status is {status}.")
        if status not in SETTLED_STATES:
            raise invalid_parameter(f"The {dataset.kind} dataset cannot be used: {status}.")
    return datasets["TRAIN"], datasets.get("TEST")


def _asset(data: JsonObject) -> ObjectRef:
    assets = data.get("Assets", [])
    if len(assets) != 1:
        raise invalid_parameter("Training and testing data take one manifest each.")
    return object_ref(assets[0].get("GroundTruthManifest", {}).get("S3Object", {}))


def require_output(context: Context, config: JsonObject) -> None:
    """Accept a bucket of this region to write results to.

    Raises:
        ApiError: None is named.
        FileProblemError: It is missing, or in another region.
    """
    if "S3Bucket" not in config:
        raise invalid_parameter("OutputConfig needs an S3Bucket.")
    facts = context.objects.bucket(config["S3Bucket"])
    if facts is None or facts.region != context.place.region:
        raise FileProblemError(OUTPUT_NOT_WRITABLE)


def _side(context: Context, source: Source, *, testing: bool) -> Side:
    max_lines = max_manifest_lines(context.place.region, testing=testing)
    if isinstance(source, ObjectRef):
        return _manifest_side(context, source, max_lines)
    if not source.entries:
        raise FileProblemError(FILE_EMPTY)
    if len(source.entries) > max_lines:
        raise FileProblemError(FILE_TOO_MANY_ROWS)
    return Side(tuple(source.entries), owner=context.place.account)


def _manifest_side(context: Context, ref: ObjectRef, max_lines: int) -> Side:
    try:
        body, owner = fetch_manifest(context, ref)
    except ObjectForbiddenError as error:
        raise FileProblemError(BUCKET_FORBIDDEN) from error
    except ObjectUnavailableError as error:
        raise FileProblemError(FILE_INVALID) from error
    lines = read_manifest_lines(ref.key, body, max_lines=max_lines)
    if isinstance(lines, str):
        raise FileProblemError(lines)
    return Side(check_manifest(lines), owner=owner)


def _require_quotas(quotas: Quotas, training: Side, testing: Side | None) -> None:
    tested = testing.valid() if testing else []
    most = max((len(line.used_labels) for line in [*training.valid(), *tested]), default=0)
    if most > quotas.labels_per_image:
        raise limit_exceeded(f"An image has more than {quotas.labels_per_image} labels.")
    images = Counter(label for line in tested for label in line.used_labels)
    if max(images.values(), default=0) > quotas.testing_images_per_label:
        raise limit_exceeded(
            f"A label has more than {quotas.testing_images_per_label} images to test with."
        )


def _fetch_images(context: Context, sides: Iterable[Side]) -> FetchedImages:
    bodies: dict[str, bytes | None] = {}
    forbidden = set()
    refs = {ref: parse_source_ref(ref) for ref in _source_refs(sides)}
    for text, ref in refs.items():
        try:
            bodies[text] = context.objects.read(ref) if ref else None
        except ObjectForbiddenError:
            forbidden.add(text)
            bodies[text] = None
        except ObjectUnavailableError:
            bodies[text] = None
    names = {ref.bucket for ref in refs.values() if ref}
    return FetchedImages(bodies, frozenset(forbidden), _buckets(context, names))


def _source_refs(sides: Iterable[Side]) -> set[str]:
    return {line.source_ref for side in sides for line in side.valid()}


def _buckets(context: Context, names: Iterable[str]) -> dict[str, BucketFacts]:
    found = ((name, context.objects.bucket(name)) for name in names)
    return {name: facts for name, facts in found if facts is not None}
