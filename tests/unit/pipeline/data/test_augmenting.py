"""Tests of making augmented images, on real files."""

import hashlib
from pathlib import Path

import pytest

from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.augmenting.augment_gaps import AugmentRules
from rcl_flow.core.augmenting.augment_plan import AugmentPlan, plan_augmentation
from rcl_flow.core.augmenting.lineage import Lineage, check_lineage
from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Datasets
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.errors import ConfigError, DatasetGateError
from rcl_flow.formats.manifest import read_manifest
from rcl_flow.formats.source import SourceImage
from rcl_flow.imaging.measuring import measure_image
from rcl_flow.pipeline.data.augmenting import AugmentMade, make_plan, write_augmented
from tests.builders import dataset, image, picture
from tests.unit.imaging.files import parent_named_in

NONE = dataset("holdout", [])
SIDE = 96
BOXES = (PixelBox("a", 10, 10, 30, 30), PixelBox("b", 50, 20, 20, 40))


def put(
    folder: Path, name: str, *, boxes: tuple[PixelBox, ...] = (), side: int = 96
) -> DatasetImage:
    """Write a picture and return it as a training image of label `a`."""
    content = picture(side + len(name), side)
    path = folder / f"{name}.png"
    path.write_bytes(content)
    return DatasetImage(
        uri=str(path),
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        image_format="PNG",
        labels=tuple(sorted({box.label for box in boxes})) or ("a",),
        boxes=boxes,
        width_pixels=SIDE + len(name),
        height_pixels=SIDE,
    )


def plan_of(train: Dataset, wanted: int = 6, **rules: object) -> AugmentPlan:
    """Plan for a label that should have `wanted` images."""
    given = AugmentRules(wanted_images_per_label=wanted, max_total_ratio=10)
    return plan_augmentation(
        Datasets(train=train, holdout=NONE), {}, given.model_copy(update=rules)
    )


def write(plan: AugmentPlan, train: Dataset, folder: Path) -> AugmentMade:
    """Make the plan's images."""
    return write_augmented(plan, train, folder, lambda entry: Path(entry.uri).read_bytes())


def manifest_lines(made: AugmentMade) -> list[SourceImage]:
    """Return the images that the manifest names."""
    entries = read_manifest(made.manifest, lambda uri: Path(uri).read_bytes())
    return [entry for entry in entries if isinstance(entry, SourceImage)]


@pytest.fixture
def train(tmp_path: Path) -> Dataset:
    """Two training images of one label."""
    return dataset("train", [put(tmp_path, "one"), put(tmp_path, "three")])


def test_manifest_has_the_originals_first_and_then_the_copies(
    train: Dataset, tmp_path: Path
) -> None:
    """The manifest is a training set as it stands, and every file of it is there."""
    made = write(plan_of(train), train, tmp_path / "out")
    lines = manifest_lines(made)
    assert len(made.images) == 4
    assert [Path(line.uri).resolve() for line in lines[:2]] == [Path(i.uri) for i in train.images]
    assert [hashlib.sha256(Path(line.uri).read_bytes()).hexdigest() for line in lines] == [
        entry.sha256 for entry in (*train.images, *made.images)
    ]


def test_lineage_names_every_copy_with_its_parent(train: Dataset, tmp_path: Path) -> None:
    """What lineage.json says, each file says itself."""
    plan = plan_of(train)
    made = write(plan, train, tmp_path / "out")
    lineage = Lineage.model_validate_json(Path(made.lineage).read_bytes())
    assert lineage.parents.keys() == {entry.sha256 for entry in made.images}
    for entry, planned in zip(made.images, plan.images, strict=True):
        assert parent_named_in(Path(entry.uri).read_bytes()) == lineage.parents[entry.sha256]
        assert lineage.parents[entry.sha256] == planned.parent.sha256
    assert [d.parameters for d in lineage.images] == [p.change.parameters for p in plan.images]


def test_copies_are_found_by_the_lineage_check(train: Dataset, tmp_path: Path) -> None:
    """A copy that strays into the holdout is refused."""
    made = write(plan_of(train), train, tmp_path / "out")
    parents = Lineage.model_validate_json(Path(made.lineage).read_bytes()).parents
    strayed = Datasets(train=train, holdout=dataset("holdout", made.images[:1]))
    assert [problem.kind for problem in check_lineage(parents, strayed)] == ["augmented"]


def test_second_run_writes_the_same_bytes(train: Dataset, tmp_path: Path) -> None:
    """The same images give the same copies, so that a version's name stays the same."""
    contents = []
    for name in ("first", "second"):
        write(plan_of(train), train, tmp_path / name)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        contents.append([(f.relative_to(tmp_path / name), f.read_bytes()) for f in files])
    assert contents[0] == contents[1]


def test_lineage_keeps_earlier_copies_that_are_trained_on(train: Dataset, tmp_path: Path) -> None:
    """Augmenting an augmented set forgets nothing of how it was made."""
    first = write(plan_of(train), train, tmp_path / "out")
    grown = dataset("train", [*train.images, *first.images])
    second = write(AugmentPlan((), ()), grown, tmp_path / "out")
    parents = Lineage.model_validate_json(Path(second.lineage).read_bytes()).parents
    assert parents.keys() == {entry.sha256 for entry in first.images}


def test_second_run_leaves_what_the_first_has_made(train: Dataset, tmp_path: Path) -> None:
    """A manifest of the first may be trained on: its images stay, are told, and have a lineage."""
    out = tmp_path / "out"
    first = write(plan_of(train, wanted=8), train, out)
    second = write(plan_of(train, wanted=4), train, out)
    made = {entry.sha256 for entry in (*first.images, *second.images)}
    assert {path.stem for path in (out / "images").rglob("*.png")} == made
    lineage = Lineage.model_validate_json(Path(second.lineage).read_bytes())
    assert sorted(descent.child_sha256 for descent in lineage.images) == sorted(made)
    assert (first.left, second.left) == (0, len(made) - len(second.images))
    assert second.left > 0


def test_boxes_are_written_where_they_are_in_the_copy(tmp_path: Path) -> None:
    """A mirrored copy has mirrored boxes in the manifest."""
    train = dataset("train", [put(tmp_path, "boxed", boxes=BOXES)])
    made = write(plan_of(train, mirror=True, max_copies=20), train, tmp_path / "out")
    copies = zip(manifest_lines(made)[1:], operations(made), strict=True)
    mirrored = [line for line, operation in copies if operation == "mirror"]
    assert [line.boxes for line in mirrored] == [
        (PixelBox("a", 61, 10, 30, 30), PixelBox("b", 31, 20, 20, 40))
    ]


def test_copy_without_a_box_left_is_skipped_and_told(tmp_path: Path) -> None:
    """An image of objects without objects would teach the wrong thing."""
    edge = (PixelBox("a", 0, 0, 4, 4),)
    train = dataset("train", [put(tmp_path, "edge", boxes=edge)])
    plan = plan_of(train, wanted=9, max_rotation_degrees=15.0, max_copies=20)
    made = write(plan, train, tmp_path / "out")
    assert [(each.operation, each.reason) for each in made.skipped] == [
        ("rotation", "none of its boxes would be left")
    ]
    assert "rotation" not in operations(made)


def test_copy_that_equals_its_parent_or_another_copy_is_skipped(tmp_path: Path) -> None:
    """A gamma of 1 twice is one picture, and it is trained on once."""
    train = dataset("train", [put(tmp_path, "one")])
    planned = plan_of(train, wanted=2).images
    plan = AugmentPlan((), planned * 2)
    made = write(plan, train, tmp_path / "out")
    assert len(made.images) == 1
    assert [each.reason for each in made.skipped] == ["it is there already"]


def test_plan_is_refused_when_an_augmented_image_judges(tmp_path: Path) -> None:
    """Its mark gives a copy in the holdout away, without any lineage file."""
    train = dataset("train", [put(tmp_path, "one")])
    made = write(plan_of(train, wanted=2), train, tmp_path / "out")
    strayed = made.images[0]
    known = measure_image(Path(strayed.uri).read_bytes())
    assert isinstance(known, ImageMeasures)
    judged = Datasets(train=train, holdout=dataset("holdout", [strayed]))
    with pytest.raises(DatasetGateError, match="1 image must not judge a model: holdout"):
        make_plan(judged, {strayed.sha256: known}, AugmentRules(), AuditRules())


def test_plan_is_refused_when_the_lineage_names_an_augmented_image_that_judges(
    tmp_path: Path,
) -> None:
    """A copy that lost its mark is known by the lineage of the config."""
    train = dataset("train", [put(tmp_path, "one")])
    judged = Datasets(train=train, holdout=dataset("holdout", [put(tmp_path, "two")]))
    lineage = {judged.holdout.images[0].sha256: train.images[0].sha256}
    with pytest.raises(DatasetGateError, match="1 image must not judge a model: holdout"):
        make_plan(judged, {}, AugmentRules(), AuditRules(), lineage)


def test_plan_without_training_images_is_refused() -> None:
    """Only training images are augmented, so there must be some."""
    with pytest.raises(ConfigError, match="no training images"):
        make_plan(Datasets(holdout=NONE), {}, AugmentRules(), AuditRules())


def test_plan_follows_the_audit(tmp_path: Path) -> None:
    """What the audit calls too few images is what gets copies."""
    datasets = Datasets(
        train=dataset("train", [image("1", "a"), image("2", "a"), image("3", "b")]),
        holdout=dataset("holdout", [image("4", "a")]),
    )
    plan = make_plan(datasets, {}, AugmentRules(wanted_images_per_label=2), AuditRules())
    assert [(gap.kind, gap.label) for gap in plan.gaps] == [("few-images", "b")]


def operations(made: AugmentMade) -> list[str]:
    """Return how each copy was made, in the order of the manifest."""
    lineage = Lineage.model_validate_json(Path(made.lineage).read_bytes())
    return [descent.operation for descent in lineage.images]
