"""How many images and boxes of each label, how many labels, their balance, the holdout's size."""

from collections import Counter
from collections.abc import Iterator

from rcl_flow.core import limits
from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.audit.stating import Scope, count, found
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.datasets.dataset import Dataset, Task
from rcl_flow.core.label_text import some, visible_label


def check(subject: Subject) -> Iterator[Finding]:
    """Check the sizes of the training labels, of the datasets and of the holdout."""
    datasets, rules = subject.datasets, subject.rules
    if datasets.train is not None:
        yield from _labels(datasets.train, datasets.task)
        yield from _few_images(datasets.train, rules)
        yield from _imbalance(datasets.train, rules)
        yield from _size(datasets.train, subject.evidence.region)
    if datasets.test is not None:
        yield from _size(datasets.test, subject.evidence.region)
        yield from _test_images(datasets.test)
    yield from _holdout_size(datasets.holdout, rules)
    yield from _holdout_uses(subject)


def images_per_label(split: Dataset) -> Counter[str]:
    """Return how many different images each label of a split has."""
    return Counter(label for image in split.distinct() for label in image.labels)


def _labels(train: Dataset, task: Task) -> Iterator[Finding]:
    labels = train.labels
    need = limits.MIN_LABELS if task == "classification" else limits.MIN_OBJECT_LABELS
    if train.images and len(labels) < need:
        yield found(
            "too-few-labels",
            f"train: {count(labels, 'label')}; {task} needs at least {need}.",
            "Add a second label, such as one for images that show none of the wanted things.",
            scope=Scope("train", figures={"labels": len(labels)}),
        )
    if len(labels) > limits.MAX_LABELS:
        yield found(
            "too-many-labels",
            f"train: {len(labels)} labels; the service takes {limits.MAX_LABELS}.",
            "Merge labels or train several models.",
            scope=Scope("train", figures={"labels": len(labels)}),
        )


def _few_images(train: Dataset, rules: AuditRules) -> Iterator[Finding]:
    images = images_per_label(train)
    need = rules.min_train_images_per_label
    too_few = {label: n for label, n in sorted(images.items()) if n < need}
    if too_few:
        yield found(
            "few-images",
            f"train: fewer than {need} images of {_counted(too_few)}.",
            "Add images of these labels, or remove the labels.",
            scope=Scope("train", figures=too_few),
            severity="error",
        )
    wanted = rules.recommended_train_images_per_label
    few = {label: n for label, n in sorted(images.items()) if need <= n < wanted}
    if few:
        yield found(
            "few-images",
            f"train: fewer than the recommended {wanted} images of {_counted(few)}.",
            "Add images with more variation of these labels.",
            scope=Scope("train", figures=few),
        )


def _imbalance(train: Dataset, rules: AuditRules) -> Iterator[Finding]:
    sizes = images_per_label(train).most_common()
    if len(sizes) < 2:  # noqa: PLR2004  # a balance needs two sides
        return
    (largest, most), (smallest, least) = sizes[0], sizes[-1]
    shown = visible_label(smallest)
    if most / least >= rules.recommended_max_label_ratio:
        yield found(
            "imbalance",
            f"train: {visible_label(largest)} has {most} images and {shown} {least}: "
            f"1 : {most / least:.0f}.",
            f"Add images of {shown}; a model learns to answer with the labels it saw most.",
            scope=Scope(
                "train",
                label=smallest,
                figures={"ratio": most / least, "most_images": most, "least_images": least},
            ),
        )


def _size(split: Dataset, region: str) -> Iterator[Finding]:
    most = limits.max_dataset_images(region, split.split)
    images = len(split.distinct())
    if images > most:
        yield found(
            "dataset-size",
            f"{split.split}: {images} images; in {region} the service takes {most}.",
            "Leave images out, or train in another region.",
            scope=Scope(split.split, figures={"images": images, "limit": most}),
        )


def _test_images(test: Dataset) -> Iterator[Finding]:
    most = limits.MAX_TEST_IMAGES_PER_LABEL
    many = {label: n for label, n in sorted(images_per_label(test).items()) if n > most}
    if many:
        yield found(
            "test-images-per-label",
            f"test: over {most} images of {_counted(many)}.",
            "Leave test images of these labels out: the service takes no more.",
            scope=Scope("test", figures=many),
        )


def _holdout_size(holdout: Dataset, rules: AuditRules) -> Iterator[Finding]:
    low, high = rules.recommended_holdout_images
    images = len(holdout.distinct())
    if images and not low <= images <= high:
        yield found(
            "holdout-size",
            f"holdout: {images} images; {low} to {high} are recommended.",
            "Fewer give wide intervals; more cost inference time without telling much more.",
            scope=Scope("holdout", figures={"images": images}),
        )


def _holdout_uses(subject: Subject) -> Iterator[Finding]:
    uses, most = subject.evidence.holdout_uses, subject.rules.max_holdout_uses
    if uses > most:
        yield found(
            "holdout-worn",
            f"holdout: it has judged {uses} models before; after {most}, a good score may be "
            "chance.",
            "Collect a new holdout: each choice made by looking at this one fits it a little more.",
            scope=Scope("holdout", figures={"uses": uses}),
        )


def _counted(counts: dict[str, int]) -> str:
    return some(f"{visible_label(label)} ({n})" for label, n in counts.items())
