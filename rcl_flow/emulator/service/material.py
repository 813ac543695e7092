"""Gathering what a training needs: the lines from datasets or manifests, and the images from S3."""

from collections.abc import Iterable

from rcl_flow.emulator.data.catalogue import FILE_EMPTY, FILE_INVALID, OUTPUT_NOT_WRITABLE
from rcl_flow.emulator.data.imports import read_manifest_lines
from rcl_flow.emulator.data.manifests import (
    CheckedLine,
    Verdict,
    check_line,
    parse_document,
    parse_source_ref,
)
from rcl_flow.emulator.data.objects import ObjectRef, ObjectUnavailableError
from rcl_flow.emulator.errors import in_use, invalid_parameter
from rcl_flow.emulator.service.datasets import SETTLED_STATES, object_ref
from rcl_flow.emulator.service.state import Context, Dataset, Project
from rcl_flow.emulator.service.training import TrainingMaterial
from rcl_flow.emulator.shapes import JsonObject

Lines = tuple[CheckedLine, ...]


class FileProblemError(Exception):
    """A manifest file or the output location cannot be used; the text is the service's."""


def gather_material(
    context: Context, project: Project, request: JsonObject, *, seed: str
) -> TrainingMaterial:
    """Return what CreateProjectVersion's `request` asks to train with.

    Raises:
        ApiError: The request does not fit the project, or its datasets are busy.
    """
    sources = _sources(project, request)
    try:
        _require_output(context, request["OutputConfig"])
        training, testing = (_lines(context, source) for source in sources)
    except FileProblemError as problem:
        return TrainingMaterial(seed, file_error=str(problem))
    if training is None:
        raise invalid_parameter("There is no training data.")
    images = _read_images(context, [*training, *(testing or ())])
    return TrainingMaterial(seed, training, testing, images)


Source = Dataset | ObjectRef | None


def _sources(project: Project, request: JsonObject) -> tuple[Source, Source]:
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


def _dataset_sources(project: Project) -> tuple[Source, Source]:
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


def _require_output(context: Context, config: JsonObject) -> None:
    if "S3Bucket" not in config:
        raise invalid_parameter("OutputConfig needs an S3Bucket.")
    facts = context.objects.bucket(config["S3Bucket"])
    if facts is None or facts.region != context.place.region:
        raise FileProblemError(OUTPUT_NOT_WRITABLE)


def _lines(context: Context, source: Source) -> Lines | None:
    if source is None:
        return None
    if isinstance(source, Dataset):
        lines = tuple(source.entries)
    else:
        lines = _manifest_lines(context, source)
    if not lines:
        raise FileProblemError(FILE_EMPTY)
    return lines


def _manifest_lines(context: Context, ref: ObjectRef) -> Lines:
    try:
        body = context.objects.read(ref)
    except ObjectUnavailableError as error:
        raise FileProblemError(FILE_INVALID) from error
    lines = read_manifest_lines(ref.key, body)
    if isinstance(lines, str):
        raise FileProblemError(lines)
    return tuple(check_line(parse_document(text)) for text in lines)


def _read_images(context: Context, lines: Iterable[CheckedLine]) -> dict[str, bytes | None]:
    refs = {line.source_ref for line in lines if line.verdict is Verdict.VALID}
    return {ref: _read_image(context, ref) for ref in refs}


def _read_image(context: Context, source_ref: str) -> bytes | None:
    ref = parse_source_ref(source_ref)
    if ref is None:
        return None
    try:
        return context.objects.read(ref)
    except ObjectUnavailableError:
        return None
