"""Laws of augmentation: a box follows its pixels, and the same change gives the same bytes."""

import hashlib
import io
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from rcl_flow.core.augmenting.augment_gaps import AugmentRules
from rcl_flow.core.augmenting.augment_plan import plan_augmentation
from rcl_flow.core.augmenting.changes import Change
from rcl_flow.core.augmenting.lineage import Lineage
from rcl_flow.core.datasets.boxes import Box, PixelBox, overlap
from rcl_flow.core.datasets.dataset import Datasets
from rcl_flow.imaging.augmenting import AugmentedImage, augment_image
from rcl_flow.pipeline.data.augmenting import write_augmented
from tests.builders import dataset, encoded, image, picture
from tests.unit.imaging.files import parent_named_in

sizes = st.tuples(st.integers(120, 300), st.integers(120, 300))
crops = st.tuples(*[st.floats(0, 0.3)] * 2, *[st.floats(0.65, 0.7)] * 2).map(
    lambda sides: Change(
        "crop", area=Box(left=sides[0], top=sides[1], width=sides[2], height=sides[3])
    )
)
exact = st.one_of(
    st.sampled_from([Change("mirror"), Change("flip"), Change("grayscale")]),
    st.integers(-5, 5).map(lambda turns: Change("quarter-turn", turns)),
    crops,
)
rough = st.one_of(
    exact,
    st.floats(-12, 12).map(lambda degrees: Change("rotation", degrees)),
    st.floats(0.7, 1.6).map(lambda factor: Change("scale", factor)),
    st.floats(0.7, 1.4).map(lambda exponent: Change("gamma", exponent)),
    st.floats(0.8, 1.2).map(lambda factor: Change("brightness", factor)),
    st.floats(0.8, 1.2).map(lambda factor: Change("contrast", factor)),
)
formats = st.sampled_from(["PNG", "JPEG"])


@st.composite
def boxes(draw: st.DrawFn) -> tuple[tuple[int, int], PixelBox]:
    """Return an image's size, and a box somewhere in it."""
    width, height = draw(sizes)
    wide, high = draw(st.integers(16, width - 2)), draw(st.integers(16, height - 2))
    left, top = draw(st.integers(0, width - wide)), draw(st.integers(0, height - high))
    return (width, height), PixelBox("thing", left, top, wide, high)


def drawn(size: tuple[int, int], box: PixelBox, image_format: str) -> bytes:
    """Return a black picture with a white rectangle where the box is."""
    picture = Image.new("RGB", size)
    corners = (box.left, box.top, box.left + box.width - 1, box.top + box.height - 1)
    ImageDraw.Draw(picture).rectangle(corners, fill="white")
    return encoded(picture, image_format)


def found(made: AugmentedImage) -> Box | None:
    """Return where the white rectangle is now, as ratios; None where nothing is left."""
    with Image.open(io.BytesIO(made.content)) as picture:
        white = np.asarray(picture.convert("L")) > 110
    rows, columns = np.flatnonzero(white.any(axis=1)), np.flatnonzero(white.any(axis=0))
    if not len(rows):
        return None
    left, top = int(columns[0]), int(rows[0])
    wide, high = int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top
    return PixelBox("", left, top, wide, high).within(made.width_pixels, made.height_pixels)


def made_of(content: bytes, change: Change, box: PixelBox) -> AugmentedImage:
    """Return the augmented image, which there must be."""
    digest = hashlib.sha256(content).hexdigest()
    made = augment_image(content, change, parent_sha256=digest, boxes=(box,))
    assert isinstance(made, AugmentedImage), made
    return made


@given(boxes(), exact)
def test_box_is_exactly_where_its_pixels_are(
    given_: tuple[tuple[int, int], PixelBox], change: Change
) -> None:
    """After a mirror, a quarter turn or a crop the box fits the rectangle to the pixel."""
    size, box = given_
    made = made_of(drawn(size, box, "PNG"), change, box)
    for moved in made.boxes:
        assert moved.within(made.width_pixels, made.height_pixels) == found(made)
    assert len(made.boxes) + len(made.dropped) == 1


@given(boxes(), rough, formats)
def test_box_follows_its_pixels(
    given_: tuple[tuple[int, int], PixelBox], change: Change, image_format: str
) -> None:
    """Whatever is done, in PNG or JPEG, the box is around what it was around before."""
    size, box = given_
    made = made_of(drawn(size, box, image_format), change, box)
    seen = found(made)
    for moved in made.boxes:
        assert seen is not None
        assert overlap(moved.within(made.width_pixels, made.height_pixels), seen) > 0.75
    if not made.dropped:
        assert seen is not None


@given(boxes(), rough, formats)
def test_same_change_gives_the_same_bytes_and_names_the_parent(
    given_: tuple[tuple[int, int], PixelBox], change: Change, image_format: str
) -> None:
    """An augmented image can be made again, and says what it was made of."""
    content = drawn(*given_, image_format)
    first, second = (made_of(content, change, given_[1]) for _ in range(2))
    assert first == second
    assert parent_named_in(first.content) == hashlib.sha256(content).hexdigest()
    assert first.image_format == image_format


@given(
    st.lists(st.sets(st.sampled_from("abc"), min_size=1), min_size=1, max_size=6),
    st.integers(1, 12),
    st.integers(1, 4),
    st.booleans(),
)
def test_lineage_is_complete(
    labels: list[set[str]], wanted: int, max_copies: int, mirror: bool
) -> None:
    """Every copy that is written is in the lineage, its parent in train, within the limits."""
    contents = {}
    for number, names in enumerate(labels):
        content = picture(80 + number, 80)
        digest = hashlib.sha256(content).hexdigest()
        contents[digest] = replace(image(str(number), *names), sha256=digest), content
    train = dataset("train", [entry for entry, _ in contents.values()])
    rules = AugmentRules(
        wanted_images_per_label=wanted, max_copies=max_copies, mirror=mirror, max_total_ratio=5
    )
    plan = plan_augmentation(Datasets(train=train, holdout=dataset("holdout", [])), {}, rules)
    with tempfile.TemporaryDirectory() as folder:
        made = write_augmented(plan, train, Path(folder), lambda entry: contents[entry.sha256][1])
        lineage = Lineage.model_validate_json(Path(made.lineage).read_bytes())
        files = {hashlib.sha256(f.read_bytes()).hexdigest() for f in Path(folder).rglob("*.png")}
    assert lineage.parents.keys() == files == {entry.sha256 for entry in made.images}
    assert set(lineage.parents.values()) <= contents.keys()
    assert max(Counter(lineage.parents.values()).values(), default=0) <= max_copies
    for entry in made.images:
        assert entry.labels == contents[lineage.parents[entry.sha256]][0].labels
    assert len(made.images) + len(made.skipped) == len(plan.images)
