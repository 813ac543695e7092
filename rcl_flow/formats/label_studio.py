"""Read and write Label Studio's JSON: boxes as rectangles, labels of whole images as choices."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
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
    images = _Images(folder_of(uri) if options.images is None else options.images, access)
    for index, task in enumerate(tasks):
        place = f"{uri}: [{index}]"
        try:
            yield _image(mapping_of(task, "it"), images, place, access, losses)
        except AnnotationProblemError as problem:
            yield UnusableImage(place, str(problem))


def write_label_studio(target: Target, _losses: LossLog) -> Iterator[NewFile]:
    """Yield the file of tasks."""
    tasks = [_task(number, image) for number, image in enumerate(target.images, start=1)]
    yield NewFile(target.file_name, orjson.dumps(tasks, option=orjson.OPT_APPEND_NEWLINE))


class _Images:
    """Finds images in a folder, by the names that Label Studio's own server knows them by."""

    def __init__(self, folder: str, access: Access) -> None:
        self._folder = folder
        self._access = access

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset(self._access.list_uris(self._folder))

    def find(self, reference: str) -> str:
        """Return where the image is; of several places one at which it is, else the first."""
        places = [image_at(self._folder, name) for name in _names(reference)]
        if len(places) == 1:
            return places[0]
        return next((place for place in places if place in self._listed), places[0])


def _image(
    task: Entry, images: _Images, place: str, access: Access, losses: LossLog
) -> SourceImage:
    if "data" not in task:
        raise AnnotationProblemError("it has no data; export `JSON`, not `JSON-MIN`")
    where = images.find(_reference(mapping_of(task["data"], "its data")))
    regions = Regions(where, place, access, losses)
    losses.note("predictions", place, count=len(list_of(task, "predictions")))
    annotations = [mapping_of(one, "an annotation") for one in list_of(task, "annotations")]
    given = [one for one in annotations if not one.get("was_cancelled")]
    losses.note("annotators", place, count=max(0, len(given) - 1))
    for value in list_of(given[0], "result") if given else ():
        regions.add(mapping_of(value, "a result"))
    return source_image(where, regions.labels, tuple(regions.boxes), regions.size)


def _reference(data: Entry) -> str:
    texts = {key: value for key, value in data.items() if isinstance(value, str) and value}
    usual = [texts[key] for key in _USUAL_KEYS if key in texts]
    candidates = usual or list(texts.values())
    if not candidates or (not usual and len(candidates) > 1):
        raise AnnotationProblemError("its data have no image")
    return candidates[0]


def _names(reference: str) -> Sequence[str]:
    """Return what an image may be called below the folder: without the server that it is told of.

    Uploads lie in a folder for each project, and %C3%A9 stands for the é of a file's name.
    """
    path = _SERVER.sub("/data/", reference)
    if path.startswith(_UPLOADS):
        below = path.removeprefix(_UPLOADS)
        told = (below.rpartition("/")[2], below)
        return tuple(dict.fromkeys((*told, *map(unquote, told))))
    if path.startswith(_LOCAL_FILES):
        local = parse_qs(urlsplit(path).query).get("d")
        if not local:
            raise AnnotationProblemError("its image is a local file without a path")
        return (local[0],)
    return (reference,)


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
