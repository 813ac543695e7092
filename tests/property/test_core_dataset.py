"""Laws of a dataset's digest: it follows content and labels and nothing else."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.datasets.dataset import DatasetImage
from tests.builders import dataset, image

labels = st.sets(st.sampled_from(["a", "b", "c"]), max_size=2)
contents = st.dictionaries(st.integers(0, 99).map(str), labels, min_size=1, max_size=6)
image_lists = contents.map(
    lambda found: [image(content, *names) for content, names in found.items()]
)


@given(image_lists, st.data())
def test_digest_is_the_same_whatever_order_and_place(
    images: list[DatasetImage], data: st.DataObject
) -> None:
    """Order, paths, copies and the split's name do not change what is trained on."""
    copies = data.draw(st.lists(st.sampled_from(images), max_size=3))
    shuffled = data.draw(st.permutations([*images, *copies]))
    moved = [
        replace(entry, uri=f"s3://elsewhere/{number}") for number, entry in enumerate(shuffled)
    ]
    assert dataset("holdout", moved).digest == dataset("train", images).digest


@given(image_lists, st.data())
def test_digest_changes_with_the_labels_of_any_image(
    images: list[DatasetImage], data: st.DataObject
) -> None:
    """Other labels of one image are another dataset."""
    index = data.draw(st.integers(0, len(images) - 1))
    other = data.draw(labels.map(lambda names: tuple(sorted(names))))
    changed = [*images]
    changed[index] = replace(images[index], labels=other)
    same = other == images[index].labels
    assert (dataset("train", changed).digest == dataset("train", images).digest) is same


@given(image_lists, st.data())
def test_digest_changes_with_the_content_of_any_image(
    images: list[DatasetImage], data: st.DataObject
) -> None:
    """Another picture under the same name is another dataset."""
    index = data.draw(st.integers(0, len(images) - 1))
    changed = [*images]
    changed[index] = replace(image("another", uri=images[index].uri), labels=images[index].labels)
    assert dataset("train", changed).digest != dataset("train", images).digest


@given(image_lists)
def test_digest_changes_when_an_image_is_added(images: list[DatasetImage]) -> None:
    """One more picture is another dataset."""
    more = [*images, image("one more")]
    assert dataset("train", more).digest != dataset("train", images).digest


@given(image_lists, st.data())
def test_distinct_images_are_each_content_once(
    images: list[DatasetImage], data: st.DataObject
) -> None:
    """However often and in whatever order an image occurs, it is used once."""
    copies = data.draw(st.lists(st.sampled_from(images), max_size=5))
    kept = dataset("train", [*images, *copies]).distinct()
    assert [entry.sha256 for entry in kept] == sorted(entry.sha256 for entry in images)
