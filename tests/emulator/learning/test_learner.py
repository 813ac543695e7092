"""Tests of the classifier that training makes."""

import random
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Literal

import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from rcl_flow.emulator.learning.calibration import assign_folds
from rcl_flow.emulator.learning.features import image_features
from rcl_flow.emulator.learning.learner import (
    Classifier,
    Example,
    UnreadableImageError,
    train_classifier,
)
from rcl_flow.emulator.learning.regression import Targets, fit, probabilities, project
from rcl_flow.imaging.digits import LABELS, DemoImage
from tests.digits import demo_digits

Format = Literal["PNG", "JPEG"]
Colour = tuple[int, int, int]
FEATURES = 2583
"""Of edges 7 x 7 x 4 x 9, of textures 9 x 59, of colours 4 x 72."""
RED, BLUE = (220, 30, 30), (30, 30, 220)


def encode(picture: Image.Image, file_format: Format = "PNG", **options: object) -> bytes:
    """Give the bytes of an image file."""
    buffer = BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def noise(seed: int, *, size: tuple[int, int] = (80, 72)) -> Image.Image:
    """Give a coarse random colour picture."""
    pixels = np.random.default_rng(seed).integers(0, 256, (6, 5, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST)


def plain(colour: Colour) -> bytes:
    """Give a picture of one colour."""
    return encode(Image.new("RGB", (64, 64), colour))


def shades(colour: Colour, count: int) -> Iterator[bytes]:
    """Give pictures of nearly one colour."""
    for step in range(count):
        red, green, blue = (min(255, channel + 3 * step) for channel in colour)
        yield plain((red, green, blue))


def examples_of(label: str, images: Iterable[bytes]) -> list[Example]:
    """Label all images alike."""
    return [Example(image, frozenset({label})) for image in images]


def winners(classifier: Classifier, images: Iterable[bytes]) -> list[str]:
    """Give the label with the highest score for each image."""
    every = [classifier.scores(image) for image in images]
    return [max(scores, key=scores.__getitem__) for scores in every]


@pytest.fixture(scope="module")
def digits() -> list[DemoImage]:
    """The demo's images."""
    return list(demo_digits())


@pytest.fixture(scope="module")
def train(digits: list[DemoImage]) -> list[Example]:
    """The 600 training images of the demo."""
    return [
        Example(image.png, frozenset({image.label})) for image in digits if image.split == "train"
    ]


@pytest.fixture(scope="module")
def holdout(digits: list[DemoImage]) -> list[DemoImage]:
    """The 988 images of the demo that no training sees."""
    return [image for image in digits if image.split == "holdout"]


@pytest.fixture(scope="module")
def classifier(train: list[Example]) -> Classifier:
    """A classifier trained on the demo's 600 images."""
    return train_classifier(train, seed=0)


def test_train_classifier_recognises_digits_it_never_saw(
    classifier: Classifier, holdout: list[DemoImage]
) -> None:
    """The macro F1 on the demo's 988 holdout images is at least 0.95, with sensible scores."""
    truth = [image.label for image in holdout]
    scores = [classifier.scores(image.png) for image in holdout]
    guesses = [max(each, key=each.__getitem__) for each in scores]
    given_to_truth = [each[label] for each, label in zip(scores, truth, strict=True)]
    assert f1_score(truth, guesses, average="macro") >= 0.95
    assert -np.log(np.maximum(given_to_truth, 1e-7)).mean() < 0.1


def test_train_classifier_learns_nothing_from_shuffled_labels(
    train: list[Example], holdout: list[DemoImage]
) -> None:
    """With labels that say nothing about the images, the macro F1 collapses below 0.3."""
    labels = [example.labels for example in train]
    random.Random(5).shuffle(labels)  # noqa: S311  # a test's order
    shuffled = [Example(e.image, each) for e, each in zip(train, labels, strict=True)]
    guesses = winners(train_classifier(shuffled, seed=0), (image.png for image in holdout))
    truth = [image.label for image in holdout]
    assert f1_score(truth, guesses, average="macro", labels=list(LABELS), zero_division=0) < 0.3


def test_train_classifier_does_better_with_more_images(
    train: list[Example], holdout: list[DemoImage], classifier: Classifier
) -> None:
    """Three images per label recognise digits worse than sixty, but far above chance."""
    few = train_classifier(train[::20], seed=0)
    some = holdout[::5]
    truth = [image.label for image in some]
    images = [image.png for image in some]
    small = f1_score(truth, winners(few, images), average="macro")
    large = f1_score(truth, winners(classifier, images), average="macro")
    assert 0.5 < small < large


def test_train_classifier_repeats_itself(train: list[Example], holdout: list[DemoImage]) -> None:
    """The same examples and seed give bit for bit the same scores."""
    first, second = (train_classifier(train[::10], seed=7) for _ in range(2))
    assert first.scores(holdout[0].png) == second.scores(holdout[0].png)
    assert np.array_equal(first.weights, second.weights)


def test_scores_of_single_label_data_add_up_to_one(
    classifier: Classifier, holdout: list[DemoImage]
) -> None:
    """Labels that exclude each other share one probability, and come sorted."""
    scores = classifier.scores(holdout[0].png)
    assert list(scores) == sorted(LABELS) == list(classifier.labels)
    assert sum(scores.values()) == pytest.approx(1, abs=1e-5)


def test_train_classifier_manages_with_one_image_per_label() -> None:
    """Two labels with one image each are enough."""
    classifier = train_classifier(
        examples_of("red", [plain(RED)]) + examples_of("blue", [plain(BLUE)]), seed=0
    )
    assert winners(classifier, [plain(RED), plain(BLUE)]) == ["red", "blue"]


@pytest.mark.parametrize("count", [2, 3, 4, 7, 20])
def test_train_classifier_manages_with_uneven_labels(count: int) -> None:
    """A label with one image is learned beside one with several."""
    reds = examples_of("red", shades(RED, count))
    classifier = train_classifier(reds + examples_of("blue", [plain(BLUE)]), seed=0)
    assert winners(classifier, [plain(RED), plain(BLUE)]) == ["red", "blue"]


def test_train_classifier_gives_even_scores_when_images_do_not_differ() -> None:
    """Equal images with different labels leave nothing to choose by."""
    classifier = train_classifier(
        examples_of("a", [plain(RED)]) + examples_of("b", [plain(RED)]), seed=0
    )
    assert classifier.scores(plain(BLUE)) == {"a": 0.5, "b": 0.5}


def test_train_classifier_with_one_label_is_certain() -> None:
    """There is nothing else to say than the only label."""
    classifier = train_classifier(examples_of("a", shades(RED, 3)), seed=0)
    assert classifier.scores(plain(BLUE)) == {"a": 1.0}


def two_label_examples() -> list[Example]:
    """Give pictures whose left half is red or not, and whose right half is blue or not."""
    examples = []
    for number in range(48):
        picture = Image.new("RGB", (64, 64), (120 + number, 120, 120))
        labels = set()
        if number % 2:
            picture.paste(RED, (0, 0, 32, 64))
            labels.add("red")
        if number % 3:
            picture.paste(BLUE, (32, 0, 64, 64))
            labels.add("blue")
        examples.append(Example(encode(picture), frozenset(labels or {"neither"})))
    return examples


def test_train_classifier_decides_each_label_for_itself_in_multi_label_data() -> None:
    """One image can have high scores for two labels, which then do not add up to 1."""
    examples = two_label_examples()
    classifier = train_classifier(examples[:36], seed=0)
    assert not classifier.exclusive
    for example in examples[36:]:
        scores = classifier.scores(example.image)
        assert {label for label, score in scores.items() if score >= 0.5} == example.labels


def test_train_classifier_manages_a_label_that_every_image_has() -> None:
    """A label without a counter-example gets a high, finite score."""
    examples = [Example(plain(RED), frozenset("ab")), Example(plain(BLUE), frozenset("b"))] * 3
    scores = train_classifier(examples, seed=0).scores(plain(BLUE))
    assert scores["a"] < 0.5
    assert 0.9 < scores["b"] <= 1


def test_train_classifier_leaves_out_images_without_labels() -> None:
    """An unlabelled image changes nothing, and does not make the data multi-label."""
    labelled = examples_of("red", shades(RED, 3)) + examples_of("blue", shades(BLUE, 3))
    unlabelled = [Example(encode(noise(1)), frozenset())]
    with_it = train_classifier(unlabelled + labelled, seed=0)
    without = train_classifier(labelled, seed=0)
    assert with_it.exclusive
    assert with_it.scores(plain(RED)) == without.scores(plain(RED))


def test_train_classifier_refuses_data_without_labels() -> None:
    """There is nothing to learn."""
    with pytest.raises(ValueError, match="no example has a label"):
        train_classifier([Example(plain(RED), frozenset())], seed=0)


def image_modes() -> dict[str, bytes]:
    """Give one picture in every mode that a PNG or JPEG file can have."""
    picture = noise(3)
    palette, grey = picture.convert("P"), picture.convert("L")
    wide = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    return {
        "grey": encode(grey),
        "grey with alpha": encode(grey.convert("LA")),
        "one bit": encode(picture.convert("1")),
        "16 bit": encode(wide),
        "RGBA": encode(picture.convert("RGBA")),
        "palette": encode(palette),
        "palette with transparency": encode(palette, transparency=bytes(range(256))),
        "CMYK JPEG": encode(picture.convert("CMYK"), "JPEG"),
        "grey JPEG": encode(grey, "JPEG"),
    }


@pytest.mark.parametrize("mode", image_modes())
def test_image_features_accepts_every_mode(mode: str) -> None:
    """All modes of PNG and JPEG files give finite numbers, without warnings."""
    features = image_features(image_modes()[mode])
    assert features.shape == (FEATURES,)
    assert np.isfinite(features).all()


@pytest.mark.parametrize("mode", ["16 bit", "grey with alpha"])
def test_image_features_sees_the_same_picture_in_wider_modes(mode: str) -> None:
    """16 bits or an alpha channel do not change what a grey picture looks like."""
    modes = image_modes()
    assert np.array_equal(image_features(modes[mode]), image_features(modes["grey"]))


def test_image_features_ignores_exif_orientation() -> None:
    """A picture tagged as turned is read as it is stored."""
    exif = Image.Exif()
    exif[0x0112] = 6
    tagged = encode(noise(4), "JPEG", exif=exif)
    assert np.array_equal(image_features(tagged), image_features(encode(noise(4), "JPEG")))


def unreadable_files() -> Sequence[bytes]:
    """Give bytes that are no image, or only part of one, or of another format."""
    png, jpeg = encode(noise(5)), encode(noise(5), "JPEG")
    bmp = BytesIO()
    noise(5).save(bmp, "BMP")
    return [b"", b"text", png[:60], png[: len(png) // 2], jpeg[: len(jpeg) // 2], bmp.getvalue()]


@pytest.mark.parametrize("image", unreadable_files(), ids=range(6))
def test_scores_and_training_refuse_unreadable_images(image: bytes) -> None:
    """Damaged, foreign and empty files are told apart from images."""
    classifier = train_classifier(examples_of("a", [plain(RED)]), seed=0)
    with pytest.raises(UnreadableImageError):
        classifier.scores(image)
    with pytest.raises(UnreadableImageError):
        train_classifier(examples_of("a", [plain(RED), image]), seed=0)


@pytest.mark.parametrize("shape", [(60, 90), (90, 20)], ids=["examples", "features"])
@pytest.mark.parametrize("exclusive", [True, False])
def test_fit_agrees_with_scikit_learn(shape: tuple[int, int], exclusive: bool) -> None:
    """In the space of examples and in that of features, it is the usual regularised optimum."""
    rng = np.random.default_rng(2)
    features = rng.normal(size=shape)
    classes = rng.integers(0, 3, shape[0])
    truth = classes[:, None] == np.arange(3)
    space = project(features)
    line = fit(space, Targets(truth, exclusive), strength=0.1)
    logits = features @ space.unfold(line.weights) + line.offsets
    ours = probabilities(logits, exclusive=exclusive)
    reference = LogisticRegression(C=0.1, tol=1e-9, max_iter=5000)
    if exclusive:
        theirs = reference.fit(features, classes).predict_proba(features)
    else:
        columns = [reference.fit(features, one).predict_proba(features)[:, 1] for one in truth.T]
        theirs = np.stack(columns, axis=1)
    assert np.abs(ours - theirs).max() < 5e-3


def test_assign_folds_spreads_each_label_evenly() -> None:
    """No fold has two more images of a label than another, and five folds are the most."""
    truth = np.arange(33)[:, None] % 3 == np.arange(3)
    folds = assign_folds(truth, rng=np.random.default_rng(0))
    counts = np.array([np.bincount(folds[column], minlength=5) for column in truth.T])
    assert counts.shape == (3, 5)
    assert (np.ptp(counts, axis=1) <= 1).all()
