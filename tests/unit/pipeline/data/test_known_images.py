"""Tests of what a run knows of its images, how it keeps it and how it is recalled."""

import json
from pathlib import Path

import pytest

from rcl_flow.core.audit.findings import AuditReport
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Datasets
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.naming import image_key
from rcl_flow.core.scoring.scored import KnownImages
from rcl_flow.errors import UnknownRunError
from rcl_flow.pipeline.data.auditing import AuditedData
from rcl_flow.pipeline.data.known_images import (
    MATERIAL_NAME,
    StoredMaterial,
    known_images,
    read_material,
    recall_images,
    write_material,
)
from tests.builders import dataset, evaluation, image, outcome, sha256_of
from tests.unit.core.audit.measured import measures
from tests.unit.pipeline.finished import certificate, objects, photographs, remember

TEST = dataset("test", [image("a", "cat"), image("b", "dog"), image("c", "cat")])
TRAIN = dataset(
    "train",
    [image("t1", "cat"), image("t2", "cat", "dog"), image("t2", "cat", "dog", uri="copy.png")],
)
FAR = 0x0123456789ABCDEF
NEAR = FAR ^ 0b111
OTHER = 0xFEDCBA9876543210


def audited(
    holdout: Dataset,
    measured: dict[str, ImageMeasures] | None = None,
    *,
    train: Dataset | None = TRAIN,
    test: Dataset | None = TEST,
) -> AuditedData:
    """Return datasets that were audited, with the measures of some images by their names."""
    return AuditedData(
        datasets=Datasets(holdout, train, test),
        measures={sha256_of(name): found for name, found in (measured or {}).items()},
        report=AuditReport(findings=()),
        certificate=certificate(),
    )


def named(*source_refs: str, test: Dataset | None = TEST) -> dict[str, DatasetImage]:
    """Return the images that are found for outcomes of these addresses."""
    made = evaluation([(["cat"], ["cat"])], {"cat": (1.0, 1.0, 1.0), "dog": (1.0, 1.0, 1.0)})
    outcomes = tuple(outcome(source_ref, ["cat"], ["cat"]) for source_ref in source_refs)
    found = known_images(
        audited(dataset("holdout", [image("h", "cat")]), test=test),
        made.model_copy(update={"outcomes": outcomes}),
    )
    return dict(found.test_images)


def test_test_images_are_found_by_the_digest_in_their_key() -> None:
    """An uploaded image's key holds its digest, whatever the prefix and its first two digits."""
    key = f"s3://acme/{image_key('some/prefix', sha256_of('b'), 'PNG')}"
    assert named(key) == {key: image("b", "dog")}


def test_test_images_are_found_by_their_address() -> None:
    """Images that lie in S3 already keep their names; one whose name is a digest of another too."""
    named_by_user = image("d", "dog", uri="s3://acme/photos/7.png")
    misleading = image("e", "dog", uri=f"s3://acme/{'0' * 64}.png")
    found = named(
        named_by_user.uri, misleading.uri, test=dataset("test", [named_by_user, misleading])
    )
    assert found == {named_by_user.uri: named_by_user, misleading.uri: misleading}


@pytest.mark.parametrize(
    "source_ref",
    [
        "s3://acme/other.png",
        f"s3://acme/{'0' * 64}.png",
        f"s3://acme/{sha256_of('a')}0.png",
        f"s3://acme/{sha256_of('a')[:-1]}.png",
    ],
)
def test_images_that_are_not_of_the_test_set_are_not_found(source_ref: str) -> None:
    """No image is taken for another."""
    assert named(source_ref) == {}


def test_without_a_test_set_no_image_is_known() -> None:
    """A model that exists already may be judged with a holdout alone."""
    assert named(f"s3://acme/{sha256_of('a')}.png", test=None) == {}


def test_training_images_are_counted_once_a_content() -> None:
    """A copy is no second image; an image of two labels counts for both."""
    holdout = dataset("holdout", [image("h", "cat")])
    made = evaluation([(["cat"], ["cat"])], {"cat": (1.0, 1.0, 1.0)})
    assert known_images(audited(holdout), made).training_images == {"cat": 2, "dog": 1}
    assert known_images(audited(holdout, train=None), made).training_images == {}


def test_near_duplicates_of_the_holdout_are_a_group() -> None:
    """They are told by their hashes, within the certificate's bits; who has none stands alone."""
    holdout = dataset("holdout", [image(name, "cat") for name in ("p", "q", "r", "flat", "new")])
    measured = {
        "p": measures(hashes=(FAR, 1)),
        "q": measures(hashes=(NEAR, 2)),
        "r": measures(hashes=(OTHER, FAR)),
        "flat": measures(hashes=()),
        "train": measures(hashes=(FAR, 3)),
    }
    made = evaluation([(["cat"], ["cat"])], {"cat": (1.0, 1.0, 1.0)})
    groups = known_images(audited(holdout, measured), made).groups
    assert groups.keys() == {sha256_of("p"), sha256_of("q")}
    assert set(groups.values()) == {min(sha256_of("p"), sha256_of("q"))}


def test_holdout_that_nothing_is_known_of_has_no_groups() -> None:
    """Without a single hash there is nothing to compare, and no error."""
    made = evaluation([(["cat"], ["cat"])], {"cat": (1.0, 1.0, 1.0)})
    assert known_images(audited(dataset("holdout", [image("h", "cat")])), made).groups == {}


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    """Evaluation, test images with their boxes, training images and groups: all of it."""
    scene = objects(images=4)
    known = KnownImages(
        measures=photographs().measures,
        test_images={each.uri: each for each in scene.judged.images},
        training_images={"bolt": 3},
        groups={"a" * 64: "b" * 64},
    )
    write_material(tmp_path, scene.evaluation, known)
    assert read_material(tmp_path) == StoredMaterial(
        scene.evaluation, known.test_images, known.training_images, known.groups
    )


def test_material_without_groups_is_read(tmp_path: Path) -> None:
    """A file that was written before groups were kept has none."""
    write_material(tmp_path, photographs().evaluation, KnownImages(groups={"a": "b"}))
    document = json.loads((tmp_path / MATERIAL_NAME).read_text())
    del document["groups"]
    (tmp_path / MATERIAL_NAME).write_text(json.dumps(document))
    assert read_material(tmp_path).groups == {}


@pytest.mark.parametrize("content", [None, "", "{}", '{"evaluation": 1}', "[]"])
def test_missing_or_torn_material_is_one_clear_error(tmp_path: Path, content: str | None) -> None:
    """The run's name, and what to do: finish it, or judge an older one through its config."""
    folder = tmp_path / "20261129T120000Z-0123abcd"
    folder.mkdir()
    if content is not None:
        (folder / MATERIAL_NAME).write_text(content)
    with pytest.raises(UnknownRunError, match="The run 20261129T120000Z-0123abcd has left") as seen:
        read_material(folder)
    assert "--set evaluation." in seen.value.hint


def test_measures_are_recalled_from_the_workspace(tmp_path: Path) -> None:
    """Those of the holdout's and the test's images, and of no other; what was lost is left out."""
    material = photographs()
    remember(tmp_path, material)
    stored = StoredMaterial(material.evaluation, material.test_images, {"label 0": 4}, {"a": "b"})
    holdout = [each.sha256 for each in material.judged.images]
    tested = {each.sha256 for each in material.test_images.values()}
    known = recall_images(stored, [*holdout[:10], "0" * 64], tmp_path)
    assert known.measures.keys() == {*holdout[:10], *tested}
    assert all(known.measures[digest] == material.measures[digest] for digest in holdout[:10])
    assert (known.test_images, known.training_images) == (material.test_images, {"label 0": 4})
    assert known.groups == {"a": "b"}


def test_measures_are_recalled_of_so_many_images_at_most(tmp_path: Path) -> None:
    """Of either side those with the smallest digests, in whatever order they are named."""
    material = photographs()
    remember(tmp_path, material)
    stored = StoredMaterial(material.evaluation, material.test_images, {})
    holdout = [each.sha256 for each in material.judged.images]
    tested = [each.sha256 for each in material.test_images.values()]
    known = recall_images(stored, reversed(holdout), tmp_path, most=7)
    assert known.measures.keys() == {*sorted(holdout)[:7], *sorted(tested)[:7]}


def test_empty_workspace_recalls_nothing(tmp_path: Path) -> None:
    """Where the cache is gone, what is known is less, and no error."""
    material = photographs()
    stored = StoredMaterial(material.evaluation, material.test_images, {})
    known = recall_images(stored, [each.sha256 for each in material.judged.images], tmp_path)
    assert known.measures == {}
    assert known.test_images == material.test_images
