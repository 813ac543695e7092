"""Read and write Label Studio's JSON: boxes as rectangles, labels of whole images as choices."""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.documents import parse_json
from rcl_flow.formats.fields import Entry, list_of, mapping_of
from rcl_flow.formats.label_studio_regions import Regions
from rcl_flow.formats.losses import LossLog
from rcl_flow.formats.places import folder_of, image_at
from rcl_flow.formats.problems import AnnotationProblemError, refused
from rcl_flow.formats.source import SourceEntry, SourceImage, source_image
from rcl_flow.formats.targets import NewFile, Target, TargetImage

_UPLOADS: Final = "/data/upload/"
_LOCAL_FILES: Final = "/data/local-files/"
_SERVER: Final = re.compile(r"^https?://[^/]+/data/(?=upload/|local-files/)")
"""What stands before a path that only Label Studio's own server has."""
_USUAL_KEYS: Final = ("image", "img", "photo")


def read_label_studio(
    uri: str, access: Access, options: SourceOptions, losses: LossLog
) -> Iterator[SourceEntry]:
    """Yield the images of an export in JSON, in the order of its tasks."""
    content = access.open_bytes(uri)
    with refused(uri):
        tasks = parse_json(content)
        if not isinstance(tasks, list):
            raise AnnotationProblemError("it is no list of tasks; export `JSON`, not `JSON-MIN`")
    folder = folder_of(uri) if options.images is None else options.images
    for index, task in enumerate(tasks):
        place = f"{uri}: [{index}]"
        try:
            yield _image(mapping_of(task, "it"), folder, place, access, losses)
        except AnnotationProblemError as problem:
            yield UnusableImage(place, str(problem))


def write_label_studio(target: Target, _losses: LossLog) -> Iterator[NewFile]:
    """Yield the file of tasks."""
    tasks = [_task(number, image) for number, image in enumerate(target.images, start=1)]
    yield NewFile(target.file_name, orjson.dumps(tasks, option=orjson.OPT_APPEND_NEWLINE))


def _image(task: Entry, folder: str, place: str, access: Access, losses: LossLog) -> SourceImage:
    if "data" not in task:
        raise AnnotationProblemError("it has no data; export `JSON`, not `JSON-MIN`")
    where = _found(folder, _image_name(mapping_of(task["data"], "its data")), access)
    regions = Regions(where, place, access, losses)
    losses.note("predictions", place, count=len(list_of(task, "predictions")))
    annotations = [mapping_of(one, "an annotation") for one in list_of(task, "annotations")]
    given = [one for one in annotations if not one.get("was_cancelled")]
    losses.note("annotators", place, count=max(0, len(given) - 1))
    for value in list_of(given[0], "result") if given else ():
        regions.add(mapping_of(value, "a result"))
    return source_image(where, regions.labels, tuple(regions.boxes), regions.size)


def _found(folder: str, name: str, access: Access) -> str:
    """Return where an image is; Label Studio writes %C3%A9 for the é of a file that it keeps."""
    where = image_at(folder, name)
    if "%" in name and not access.list_uris(where):
        plain = image_at(folder, unquote(name))
        return plain if access.list_uris(plain) else where
    return where


def _image_name(data: Entry) -> str:
    texts = {key: value for key, value in data.items() if isinstance(value, str) and value}
    usual = [texts[key] for key in _USUAL_KEYS if key in texts]
    candidates = usual or list(texts.values())
    if not candidates or (not usual and len(candidates) > 1):
        raise AnnotationProblemError("its data have no image")
    return _without_server(candidates[0])


def _without_server(reference: str) -> str:
    """Return the path that Label Studio's own server knows an image by, without the server."""
    path = _SERVER.sub("/data/", reference)
    if path.startswith(_UPLOADS):
        return path.rpartition("/")[2]
    if path.startswith(_LOCAL_FILES):
        told = parse_qs(urlsplit(path).query).get("d")
        if not told:
            raise AnnotationProblemError("its image is a local file without a path")
        return told[0]
    return reference


def _task(number: int, image: TargetImage) -> dict[str, object]:
    size = image.source.size_pixels
    results = [_rectangle(i, box, size) for i, box in enumerate(image.source.boxes, 1) if size]
    labels = image.source.image_labels
    if labels:
        results.append(_choices(labels))
    return {
        "id": number,
        "data": {"image": image.reference},
        "annotations": [{"result": results, "was_cancelled": False}],
    }


def _rectangle(number: int, box: PixelBox, size: tuple[int, int]) -> dict[str, object]:
    width, height = size
    return {
        "id": f"box-{number}",
        "type": "rectanglelabels",
        "from_name": "box",
        "to_name": "image",
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
        "value": {
            "x": 100 * box.left / width,
            "y": 100 * box.top / height,
            "width": 100 * box.width / width,
            "height": 100 * box.height / height,
            "rotation": 0,
            "rectanglelabels": [box.label],
        },
    }


def _choices(labels: Sequence[str]) -> dict[str, object]:
    return {
        "id": "choice",
        "type": "choices",
        "from_name": "label",
        "to_name": "image",
        "value": {"choices": list(labels)},
    }
