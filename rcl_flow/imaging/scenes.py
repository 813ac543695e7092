"""Compose the detection demo's scenes: handwritten digits on plates, pasted into photographs.

Sources, all in the installed scikit-learn package, so nothing is downloaded: the scans of
`load_digits` (see `digits.py`), and the photographs china.jpg and flower.jpg of
`load_sample_images` (CC BY 2.0; `ATTRIBUTION` names their makers).

The scenes are composed, not photographed, and say so wherever they are shown. Train and test use
the left 55 % of both photographs and other digits than the holdout, which uses the right 45 %.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageEnhance

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.manifest import ManifestLine, format_manifest

Split = Literal["train", "test", "holdout"]

DIGITS = {2: "two", 5: "five", 7: "seven", 9: "nine"}
WIDTH_PIXELS, HEIGHT_PIXELS = 480, 360
SCENES: dict[Split, int] = {"train": 100, "test": 40, "holdout": 500}
ATTRIBUTION = """\
The scenes in this folder are composed: scans of handwritten digits on drawn plates, pasted into
changed crops (mirrored, recoloured, rescaled) of two photographs.

china.jpg: "china" by danielbuechele, https://www.flickr.com/photos/danielbuechele/6061409035/
flower.jpg: "dahlia" by vultilion, https://www.flickr.com/photos/vultilion/6056698931/
Both: Creative Commons Attribution 2.0, https://creativecommons.org/licenses/by/2.0/

Digits: "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, CC BY 4.0,
as copied into scikit-learn (BSD-3-Clause).
"""

_LEFT_SHARE = 0.55
_TRAIN_SHARE = 0.4
_TEST_SHARE = 0.15
_MOST_OBJECTS = 4
_PLATE_PIXELS = (54, 140)
_MOST_TURN_DEGREES = 10
_GAP_PIXELS = 6
_TRIES = 40
_SMALLEST_CROP_PIXELS = 170
_INK_LEVELS = 16
_COMPOSED = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><Iptc4xmpExt:DigitalSourceType>
http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic</Iptc4xmpExt:DigitalSourceType>
</rdf:Description></rdf:RDF></x:xmpmeta>"""
"""What each scene says of itself: composed, with drawn elements (IPTC Digital Source Type)."""

Scans = dict[str, list[npt.NDArray[np.float64]]]


@dataclass(frozen=True, slots=True)
class Mark:
    """One object of a scene: its label and its place in pixels."""

    label: str
    left: int
    top: int
    width: int
    height: int

    def clears(self, other: "Mark") -> bool:
        """Say whether the two lie apart."""
        return (
            self.left >= other.left + other.width + _GAP_PIXELS
            or other.left >= self.left + self.width + _GAP_PIXELS
            or self.top >= other.top + other.height + _GAP_PIXELS
            or other.top >= self.top + self.height + _GAP_PIXELS
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """One composed image of 480 x 360 pixels."""

    split: Split
    file_name: str
    jpeg: bytes
    marks: tuple[Mark, ...]


def scenes(*, seed: int = 0) -> Iterator[Scene]:
    """Yield the train, test and holdout scenes: 100, 40 and 500, with one to four objects each.

    A scan may be in several scenes of its split, at other sizes and places.

    Args:
        seed: Decides everything that is drawn.
    """
    rng = np.random.default_rng(seed)
    photographs = _photographs()
    scans = _scans(rng)
    for split, count in SCENES.items():
        for number in range(count):
            photograph = photographs[split][number % len(photographs[split])]
            picture = _background(photograph, rng)
            marks = _paste(picture, scans[split], rng)
            yield Scene(split, f"scene-{number:03d}.jpg", _jpeg(picture), marks)


def manifest_line(scene: Scene) -> str:
    """Return a scene's line of a manifest, its source-ref relative to the manifest's folder."""
    boxes = tuple(
        PixelBox(mark.label, mark.left, mark.top, mark.width, mark.height) for mark in scene.marks
    )
    labels = tuple(sorted({mark.label for mark in scene.marks}))
    source_ref = f"{scene.split}/{scene.file_name}"
    line = ManifestLine(source_ref, labels, boxes, WIDTH_PIXELS, HEIGHT_PIXELS)
    return format_manifest([line]).decode()


def _photographs() -> dict[Split, list[Image.Image]]:
    from sklearn.datasets import load_sample_images

    whole = [Image.fromarray(pixels) for pixels in load_sample_images().images]
    cuts = [round(photograph.width * _LEFT_SHARE) for photograph in whole]
    left = [p.crop((0, 0, cut, p.height)) for p, cut in zip(whole, cuts, strict=True)]
    right = [p.crop((cut, 0, p.width, p.height)) for p, cut in zip(whole, cuts, strict=True)]
    return {"train": left, "test": left, "holdout": right}


def _scans(rng: np.random.Generator) -> dict[Split, Scans]:
    from sklearn.datasets import load_digits

    images, digits = load_digits(return_X_y=True)
    parts: dict[Split, Scans] = {"train": {}, "test": {}, "holdout": {}}
    for digit, label in DIGITS.items():
        indexes = rng.permutation(np.flatnonzero(digits == digit))
        ends = [round(len(indexes) * share) for share in (_TRAIN_SHARE, _TRAIN_SHARE + _TEST_SHARE)]
        for split, chosen in zip(parts, np.split(indexes, ends), strict=True):
            parts[split][label] = [images[index].reshape(8, 8) for index in chosen]
    return parts


def _background(photograph: Image.Image, rng: np.random.Generator) -> Image.Image:
    widest = min(photograph.width, photograph.height * WIDTH_PIXELS // HEIGHT_PIXELS)
    width = int(rng.integers(_SMALLEST_CROP_PIXELS, widest + 1))
    height = width * HEIGHT_PIXELS // WIDTH_PIXELS
    left = int(rng.integers(0, photograph.width - width + 1))
    top = int(rng.integers(0, photograph.height - height + 1))
    picture = photograph.crop((left, top, left + width, top + height)).resize(
        (WIDTH_PIXELS, HEIGHT_PIXELS), Image.Resampling.BICUBIC
    )
    if rng.random() < 0.5:  # noqa: PLR2004  # every second one is mirrored
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Color, ImageEnhance.Contrast):
        picture = enhance(picture).enhance(float(rng.uniform(0.7, 1.3)))
    return picture


def _paste(picture: Image.Image, scans: Scans, rng: np.random.Generator) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    for _ in range(int(rng.integers(1, _MOST_OBJECTS + 1))):
        label = str(rng.choice(list(scans)))
        plate = _plate(scans[label][int(rng.integers(len(scans[label])))], rng)
        mark = _free_place(label, plate.size, marks, rng)
        if mark is not None:
            picture.paste(plate, (mark.left, mark.top), plate)
            marks.append(mark)
    return tuple(marks)


def _free_place(
    label: str, size: tuple[int, int], marks: Sequence[Mark], rng: np.random.Generator
) -> Mark | None:
    width, height = size
    for _ in range(_TRIES):
        left = int(rng.integers(0, WIDTH_PIXELS - width + 1))
        top = int(rng.integers(0, HEIGHT_PIXELS - height + 1))
        mark = Mark(label, left, top, width, height)
        if all(mark.clears(other) for other in marks):
            return mark
    return None


def _plate(scan: npt.NDArray[np.float64], rng: np.random.Generator) -> Image.Image:
    """Draw a light rounded plate with a dark digit, turned a little, cut to what is visible."""
    side = int(rng.integers(*_PLATE_PIXELS, endpoint=True))
    paper = tuple(int(value) for value in rng.integers(205, 256, 3))
    ink = tuple(int(value) for value in rng.integers(0, 70, 3))
    plate = Image.new("RGBA", (side, side))
    box = (0, 0, side - 1, side - 1)
    ImageDraw.Draw(plate).rounded_rectangle(box, radius=side // 6, fill=(*paper, 255))
    inner = round(side * 0.8)
    strokes = Image.fromarray(np.rint(scan * (255 / _INK_LEVELS)).astype(np.uint8)).resize(
        (inner, inner), Image.Resampling.BICUBIC
    )
    corner = ((side - inner) // 2, (side - inner) // 2)
    plate.paste(Image.new("RGBA", strokes.size, (*ink, 255)), corner, strokes)
    angle = float(rng.uniform(-_MOST_TURN_DEGREES, _MOST_TURN_DEGREES))
    turned = plate.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    visible = turned.getchannel("A").point(lambda value: 255 * (value >= 128)).getbbox()  # noqa: PLR2004  # half
    return turned.crop(visible)


def _jpeg(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=90, xmp=_COMPOSED)
    return buffer.getvalue()
