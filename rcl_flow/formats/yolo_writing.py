"""Write a YOLO dataset that refers to images instead of holding them."""

from collections.abc import Iterator, Mapping

import yaml

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.errors import ConfigError
from rcl_flow.formats.losses import LossLog
from rcl_flow.formats.targets import NewFile, Target, TargetImage
from rcl_flow.formats.yolo_layout import IMAGES_KEY, label_uri


def write_yolo(target: Target, losses: LossLog) -> Iterator[NewFile]:
    """Yield data.yaml, train.txt and a text file of boxes for each image that has some.

    train.txt names the images in the folder `images`, where YOLO's own tools look for them once
    they are copied there; data.yaml tells our reader where they are until then.

    Raises:
        ConfigError: the images have no folder in common.
    """
    if target.images_root is None:
        raise ConfigError(
            "The images have no folder in common, which YOLO's layout needs.",
            hint="Give the folder or s3:// prefix that they lie in with --images-prefix.",
        )
    names = sorted({box.label for image in target.images for box in image.source.boxes})
    number = {name: index for index, name in enumerate(names)}
    listed: dict[str, str] = {}
    for image in target.images:
        line = f"./images/{image.name}"
        path = label_uri(line).removeprefix("./")
        if len(line.splitlines()) > 1 or line != line.strip():
            losses.note("unwritable", image.source.uri)
        elif path in listed:
            losses.note("name-clashes", image.source.uri)
        else:
            losses.note("image-labels", image.source.uri, count=len(image.source.image_labels))
            listed[path] = line
            yield from _boxes_file(path, image, number)
    yield NewFile("train.txt", "".join(f"{line}\n" for line in listed.values()).encode())
    description = {
        "path": ".",
        "train": "train.txt",
        "val": "train.txt",
        "names": dict(enumerate(names)),
        IMAGES_KEY: target.images_root,
    }
    yield NewFile("data.yaml", yaml.safe_dump(description, sort_keys=False).encode())


def _boxes_file(path: str, image: TargetImage, number: Mapping[str, int]) -> Iterator[NewFile]:
    size = image.source.size_pixels
    if image.source.boxes and size:
        lines = (_line(box, number[box.label], size) for box in image.source.boxes)
        yield NewFile(path, "".join(f"{line}\n" for line in lines).encode())


def _line(box: PixelBox, number: int, size: tuple[int, int]) -> str:
    width, height = size
    ratios = (
        (box.left + box.width / 2) / width,
        (box.top + box.height / 2) / height,
        box.width / width,
        box.height / height,
    )
    return " ".join([str(number), *(repr(float(ratio)) for ratio in ratios)])
