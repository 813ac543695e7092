"""Small values that many tests need, each with defaults for what a test does not care about."""

import hashlib
import io
from collections.abc import Mapping, Sequence

from PIL import Image

from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Split, UnusableImage
from rcl_flow.core.scoring.comparison import Comparison, Gap, LabelComparison, Score
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.core.scoring.verdict import Verdict
from rcl_flow.core.training.evaluation import EvaluatedLabel, Evaluation, ImageOutcome

Outcome = tuple[Sequence[str], Sequence[str]]
Counted = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def sha256_of(name: str) -> str:
    """Return the digest that an image of that content has."""
    return hashlib.sha256(name.encode()).hexdigest()


def image(content: str, *labels: str, uri: str = "", image_format: str = "PNG") -> DatasetImage:
    """Return a labelled image; the same `content` is the same picture."""
    return DatasetImage(
        uri=uri or f"images/{content}.png",
        sha256=sha256_of(content),
        size_bytes=1000,
        image_format=image_format,
        labels=tuple(sorted(labels)),
    )


def dataset(
    split: Split, images: Sequence[DatasetImage], unusable: Sequence[UnusableImage] = ()
) -> Dataset:
    """Return a dataset of one split."""
    return Dataset(split, tuple(images), tuple(unusable))


def labelled(split: Split, images_per_label: Mapping[str, int]) -> Dataset:
    """Return a dataset with that many images of each label, all of them different."""
    return dataset(
        split,
        [
            image(f"{split}-{label}-{number}", label)
            for label, count in images_per_label.items()
            for number in range(count)
        ],
    )


def prediction(content: str, **confidences_percent: float) -> Prediction:
    """Return what a model said of the image of that content."""
    return Prediction(sha256=sha256_of(content), confidences_percent=confidences_percent)


def counted(truth: Sequence[str], predicted: Sequence[str]) -> Counted:
    """Return the true labels, the hits and the false alarms of an image's labels."""
    return (
        tuple(truth),
        tuple(label for label in predicted if label in truth),
        tuple(label for label in predicted if label not in truth),
    )


def outcome(source_ref: str, truth: Sequence[str], predicted: Sequence[str]) -> ImageOutcome:
    """Return what the service found of an image's labels."""
    shown, hits, false_alarms = counted(truth, predicted)
    return ImageOutcome(source_ref=source_ref, truth=shown, hits=hits, false_alarms=false_alarms)


def evaluation(
    outcomes: Sequence[Outcome], figures: Mapping[str, tuple[float, float, float]]
) -> Evaluation:
    """Return an evaluation with each label's precision, recall and F1; thresholds are 0.5."""
    count = len(figures)
    return Evaluation(
        precision=sum(values[0] for values in figures.values()) / count,
        recall=sum(values[1] for values in figures.values()) / count,
        f1=sum(values[2] for values in figures.values()) / count,
        images=len(outcomes),
        training_images=80,
        labels=tuple(
            EvaluatedLabel(
                label=label,
                images=sum(label in truth for truth, _ in outcomes),
                precision=precision,
                recall=recall,
                f1=f1,
                assumed_threshold=0.5,
            )
            for label, (precision, recall, f1) in figures.items()
        ),
        outcomes=tuple(
            outcome(f"s3://b/{n}", truth, predicted)
            for n, (truth, predicted) in enumerate(outcomes)
        ),
    )


def score(f1: float, *, low: float | None = None, images: int = 500) -> Score:
    """Return a score whose interval begins at `low`, or is the point itself."""
    return Score(
        images=images,
        precision=f1,
        recall=f1,
        f1=f1,
        f1_interval=(f1 if low is None else low, f1),
    )


def comparison(
    holdout: Score, *, verdict: Verdict = "generalises", label_f1: Mapping[str, float | None]
) -> Comparison:
    """Return a comparison with what the gates look at; None is a label without holdout image."""
    gap = Gap(f1=-0.01, interval=(-0.02, 0.0), verdict=verdict)
    return Comparison(
        test=score(0.95, images=100),
        holdout=holdout,
        gap=gap,
        labels=tuple(
            LabelComparison(
                label=label,
                assumed_threshold=0.5,
                test=score(0.95, images=50),
                holdout=None if f1 is None else score(f1, images=50),
                gap=None if f1 is None else gap,
            )
            for label, f1 in label_f1.items()
        ),
        unjudged_labels=tuple(label for label, f1 in label_f1.items() if f1 is None),
        confusion=(),
        mistakes=(),
        refused=(),
    )


def picture(
    width: int = 96, height: int = 80, *, mode: str = "RGB", image_format: str = "PNG"
) -> bytes:
    """Return a real image file that shows a gradient."""
    gradient = Image.linear_gradient("L").resize((width, height)).convert(mode)
    return encoded(gradient, image_format)


def encoded(shown: Image.Image, image_format: str, exif: Image.Exif | bytes = b"") -> bytes:
    """Return an image as a file's bytes."""
    buffer = io.BytesIO()
    shown.save(buffer, image_format, exif=exif)
    return buffer.getvalue()
