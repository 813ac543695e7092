"""Tests of the summary: counts, distributions and samples."""

from dataclasses import replace

import pytest

from rcl_flow.core.audit.summary import (
    BINS,
    SAMPLES_PER_LABEL,
    AuditSummary,
    FactorSummary,
    LabelSummary,
    summarise,
)
from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Datasets, UnusableImage
from rcl_flow.core.measures import ImageMeasures
from tests.builders import dataset, image, labelled
from tests.unit.core.audit.measured import measures

HOLDOUT = labelled("holdout", {"a": 1})


def boxed(content: str, *labels: str) -> DatasetImage:
    """Return an image with a box for each of the labels, repeats included."""
    boxes = tuple(PixelBox(label, 5, 5, 20, 20) for label in labels)
    return replace(image(content, *sorted(set(labels))), boxes=boxes)


def shots(brightness: list[float], **values: float) -> tuple[Dataset, dict[str, ImageMeasures]]:
    """Return training images of the label a with that brightness, and their measures."""
    images = [image(f"shot{number}", "a") for number in range(len(brightness))]
    known = {
        each.sha256: measures(brightness=light, **values)
        for each, light in zip(images, brightness, strict=True)
    }
    return dataset("train", images), known


def label_of(summary: AuditSummary, label: str) -> LabelSummary:
    """Return what is said of one label."""
    (found,) = (each for each in summary.labels if each.label == label)
    return found


def factor_of(summary: AuditSummary, name: str) -> FactorSummary:
    """Return what is said of one factor."""
    (found,) = (each for each in summary.factors if each.factor == name)
    return found


def test_summary_counts_images_and_boxes_of_each_label_in_each_split() -> None:
    """Two boxes of a label in one image are one image and two boxes; absent labels are zeros."""
    train = dataset("train", [boxed("one", "cat", "cat", "dog"), boxed("two", "cat")])
    summary = summarise(Datasets(train=train, holdout=dataset("holdout", [boxed("x", "dog")])), {})
    assert summary.task == "detection"
    assert [
        (label.label, [(each.split, each.images, each.boxes) for each in label.counts])
        for label in summary.labels
    ] == [
        ("cat", [("train", 2, 3), ("holdout", 0, 0)]),
        ("dog", [("train", 1, 1), ("holdout", 1, 1)]),
    ]
    assert [(each.split, each.boxes) for each in summary.splits] == [("train", 4), ("holdout", 1)]


def test_summary_counts_copies_once_and_tells_how_many_are_listed() -> None:
    """A picture in three copies is one image; unlabelled and unusable ones are counted apart."""
    copies = [image("same", "a", uri=f"{n}.png") for n in range(3)]
    train = dataset("train", [*copies, image("blank")], [UnusableImage("bad.png", "empty")])
    summary = summarise(Datasets(train=train, holdout=HOLDOUT), {})
    counts = summary.splits[0]
    assert (counts.images, counts.distinct_images) == (4, 2)
    assert (counts.unlabelled_images, counts.unusable_images, counts.labels) == (1, 1, 1)
    assert label_of(summary, "a").counts[0].images == 1


def test_summary_without_measures_has_counts_and_samples_but_no_factors() -> None:
    """An audit that did not look at pixels still shows its labels."""
    summary = summarise(Datasets(train=labelled("train", {"a": 9}), holdout=HOLDOUT), {})
    assert summary.factors == ()
    assert summary.splits[0].measured_images == 0
    assert len(label_of(summary, "a").samples) == SAMPLES_PER_LABEL
    assert label_of(summary, "a").typical == {}


def test_samples_are_spread_from_dark_to_bright() -> None:
    """Of eight images the middle ones of four equal parts are picked, in order of brightness."""
    lights = [0.8, 0.1, 0.4, 0.2, 0.7, 0.3, 0.6, 0.5]
    train, known = shots(lights)
    samples = label_of(summarise(Datasets(train=train, holdout=HOLDOUT), known), "a").samples
    assert [known[place.sha256].brightness for place in samples] == [0.2, 0.4, 0.6, 0.8]
    assert {place.split for place in samples} == {"train"}


def test_samples_leave_out_images_that_were_not_measured() -> None:
    """Among measured images a sample's brightness is always known."""
    train, known = shots([0.5, 0.6])
    train = dataset("train", [*train.images, *labelled("train", {"a": 20}).images])
    samples = label_of(summarise(Datasets(train=train, holdout=HOLDOUT), known), "a").samples
    assert {place.sha256 for place in samples} == set(known)


def test_samples_come_from_the_first_split_that_has_the_label() -> None:
    """A label that only the holdout has is shown by holdout images."""
    train = labelled("train", {"b": 2})
    samples = label_of(summarise(Datasets(train=train, holdout=HOLDOUT), {}), "a").samples
    assert [place.split for place in samples] == ["holdout"]


def test_summary_does_not_depend_on_the_order_of_images() -> None:
    """Listing the same images in another order changes nothing."""
    train, known = shots([n / 40 for n in range(40)])
    turned = replace(train, images=train.images[::-1])
    assert summarise(Datasets(train=train, holdout=HOLDOUT), known) == summarise(
        Datasets(train=turned, holdout=HOLDOUT), known
    )


def test_histogram_bins_are_shared_by_all_splits() -> None:
    """Each measured image is in one bin; the ends of the axis belong to its end bins."""
    train, known = shots([0.0, 0.5, 1.0])
    bright = image("bright", "a")
    holdout = dataset("holdout", [bright])
    factor = factor_of(
        summarise(
            Datasets(train=train, holdout=holdout),
            known | {bright.sha256: measures(brightness=0.51)},
        ),
        "brightness",
    )
    assert (factor.low, factor.high) == (0.0, 1.0)
    assert [n for n, count in enumerate(factor.counts["train"]) if count] == [
        0,
        BINS // 2,
        BINS - 1,
    ]
    assert [n for n, count in enumerate(factor.counts["holdout"]) if count] == [BINS // 2]
    assert factor.typical == {"train": 0.5, "holdout": 0.51}


@pytest.mark.parametrize("sharpness", [[0.0, 10.0], [5.0, 5.0], [1.0, 1e5], [0.0, 0.0]])
def test_logarithmic_axis_takes_any_value(sharpness: list[float]) -> None:
    """Zeros, equal values and wide ranges all fall into a bin of an axis with a width."""
    images = [image(f"shot{number}", "a") for number in range(len(sharpness))]
    known = {
        each.sha256: measures(sharpness=value)
        for each, value in zip(images, sharpness, strict=True)
    }
    summary = summarise(Datasets(train=dataset("train", images), holdout=HOLDOUT), known)
    factor = factor_of(summary, "sharpness")
    assert 0 < factor.low < factor.high
    assert sum(factor.counts["train"]) == 2


def test_hue_is_averaged_on_the_circle_and_gray_images_have_none() -> None:
    """Between 350 and 10 degrees lies red, not cyan."""
    images = [image(f"shot{number}", "a") for number in range(3)]
    hues = (350.0, 12.0, -1.0)
    known = {each.sha256: measures(hue_degrees=hue) for each, hue in zip(images, hues, strict=True)}
    summary = summarise(Datasets(train=dataset("train", images), holdout=HOLDOUT), known)
    factor = factor_of(summary, "hue")
    assert factor.typical["train"] == pytest.approx(1.0)
    assert sum(factor.counts["train"]) == 2


def test_label_medians_are_those_of_its_own_images() -> None:
    """What is typical of a label does not depend on other labels."""
    train, known = shots([0.1, 0.2, 0.6])
    other = image("other", "b")
    train = dataset("train", [*train.images, other])
    known |= {other.sha256: measures(brightness=0.9)}
    summary = summarise(Datasets(train=train, holdout=HOLDOUT), known)
    assert label_of(summary, "a").typical["brightness"] == 0.2
    assert label_of(summary, "b").typical["brightness"] == 0.9


def test_summary_survives_json() -> None:
    """A page can be rendered again from what was written."""
    train, known = shots([0.1, 0.2, 0.6])
    summary = summarise(Datasets(train=train, holdout=HOLDOUT), known)
    assert AuditSummary.model_validate_json(summary.model_dump_json()) == summary
