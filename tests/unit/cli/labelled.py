"""Small labelled pictures on disk, all different, for commands that look at a user's images."""

import io
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

LABELS = ("blue", "green", "red")
SIZE = 96


@cache
def picture(seed: int) -> bytes:
    """Return a PNG of soft spots, unlike that of any other seed."""
    spots = np.random.default_rng(seed).integers(20, 235, (6, 6, 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(spots).resize((SIZE, SIZE), Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


def put(path: Path, seed: int) -> None:
    """Write a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture(seed))


def put_folders(
    folder: Path, images: int, *, first: int = 0, labels: Sequence[str] = LABELS
) -> None:
    """Write pictures into one folder for each label."""
    for seed in range(first, first + images):
        put(folder / labels[seed % len(labels)] / f"{seed:04}.png", seed)


def put_coco(
    folder: Path,
    images: int,
    *,
    pictures: str = "images",
    file: str = "annotations.json",
    first: int = 0,
) -> Path:
    """Write pictures with one box each into `folder/pictures`, and a COCO file; return that."""
    document: dict[str, list[object]] = {
        "images": [],
        "annotations": [],
        "categories": [{"id": number, "name": name} for number, name in enumerate(LABELS)],
    }
    for seed in range(first, first + images):
        put(folder / pictures / f"{seed:04}.png", seed)
        document["images"].append(
            {"id": seed, "file_name": f"{seed:04}.png", "width": SIZE, "height": SIZE}
        )
        box = {"id": seed, "image_id": seed, "category_id": seed % 3, "bbox": [8, 8, 40, 30]}
        document["annotations"].append(box)
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path
