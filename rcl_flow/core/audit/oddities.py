"""Single images that are odd: dark, overexposed, blurred, flat, damaged, animated, turned."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from rcl_flow.core.audit.catalogue import Severity
from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.rules import FactorRules
from rcl_flow.core.audit.stating import Scope, found, place_of
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage
from rcl_flow.core.label_text import some
from rcl_flow.core.measures import ImageMeasures

Measured = Sequence[tuple[DatasetImage, ImageMeasures]]


@dataclass(frozen=True, slots=True)
class Oddity:
    """One way in which an image is odd."""

    rule: str
    what: str
    """What is said of the images."""
    hint: str
    figure: Callable[[ImageMeasures], float]
    """What was measured; the places with the smallest come first."""
    note: str
    """How the figure is told."""


_DARK = Oddity(
    "dark-image",
    "dark",
    "Look at them: keep them where production is as dark, replace them where the photograph "
    "failed.",
    lambda measures: measures.highlight,
    "nothing brighter than {:.2f}",
)
_BRIGHT = Oddity(
    "bright-image",
    "overexposed",
    "Look at them: keep cut-outs on white where production shows such, replace failed photographs.",
    lambda measures: -measures.bright_share,
    "{:.0%} overexposed",
)
_BLURRED = Oddity(
    "blurred-image",
    "blurred",
    "Replace them, unless production is as blurred; then collect such images for every label.",
    lambda measures: measures.sharpness,
    "sharpness {:.1f}",
)
_FLAT = Oddity(
    "flat-image",
    "without anything to see",
    "Remove them: one even surface teaches nothing but its colour.",
    lambda measures: measures.tonal_range,
    "a range of {:.3f} from dark to bright",
)
_DAMAGED = Oddity(
    "damaged-image",
    "damaged: they can be opened, but their data are not whole",
    "Fetch them again from their source, or remove them.",
    lambda _: 0.0,
    "",
)
_ANIMATED = Oddity(
    "animated-image",
    "made of several pictures, of which only the first counts",
    "Save the wanted picture as a file of its own.",
    lambda measures: float(measures.frames),
    "{:.0f} pictures",
)
_TURNED = Oddity(
    "turned-by-exif",
    "turned by an EXIF tag: a viewer shows something else than the pixels as they are stored",
    "Turn the pixels, remove the tag and look at the boxes: AWS does not say whether the service "
    "heeds the tag, and boxes count in stored pixels.",
    lambda measures: float(measures.exif_orientation),
    "EXIF orientation {:.0f}",
)


def check(subject: Subject) -> Iterator[Finding]:
    """Check each measured image of each split by itself; blur also against its split."""
    for split in subject.datasets:
        measures = subject.evidence.measures
        measured = [(i, measures[i.sha256]) for i in split.distinct() if i.sha256 in measures]
        if measured:
            yield from _light(split, measured, subject.rules.factors)
            yield from _files(split, measured)


def _light(split: Dataset, measured: Measured, rules: FactorRules) -> Iterator[Finding]:
    """A dark, overexposed or flat image has little sharpness by itself, and is told once."""
    flat = [each for each in measured if each[1].tonal_range < rules.min_tonal_range]
    shown = [each for each in measured if each[1].tonal_range >= rules.min_tonal_range]
    dark = [each for each in shown if each[1].highlight < rules.min_highlight]
    bright = [
        each
        for each in shown
        if each[1].shadow > rules.max_shadow and each[1].bright_share > rules.max_bright_share
    ]
    odd = {image.sha256 for image, _ in (*flat, *dark, *bright)}
    yield from _found(_FLAT, split, flat)
    yield from _found(_DARK, split, dark)
    yield from _found(_BRIGHT, split, bright)
    yield from _blurred(split, [each for each in measured if each[0].sha256 not in odd], rules)


def _blurred(split: Dataset, measured: Measured, rules: FactorRules) -> Iterator[Finding]:
    """Real sharpness overlaps with that of blurred images, so the split's own median counts too."""
    if not measured:
        return
    every = np.sort([measures.sharpness for _, measures in measured])
    limit = min(rules.min_sharpness, rules.max_blur_ratio * median(every.tolist()))
    blurred = [each for each in measured if each[1].sharpness < limit]
    for finding in _found(_BLURRED, split, blurred):
        share = np.searchsorted(every, limit) / len(every)
        yield finding.model_copy(
            update={"figures": {**finding.figures, "limit": limit, "split_share": float(share)}}
        )


def _files(split: Dataset, measured: Measured) -> Iterator[Finding]:
    """Say what is known of EXIF: the documents do not tell whether the service heeds it.

    Source: developer guide, older edition: the console's gallery does not turn images by EXIF,
    and "this doesn't affect the training" (archived text, read 2026-11-23).
    """
    yield from _found(_DAMAGED, split, [each for each in measured if each[1].damaged])
    yield from _found(_ANIMATED, split, [each for each in measured if each[1].frames > 1])
    turned = [each for each in measured if each[1].exif_orientation != 1]
    marked = any(image.boxes for image, _ in turned)
    yield from _found(_TURNED, split, turned, severity=None if marked else "note")


def _found(
    oddity: Oddity, split: Dataset, odd: Measured, *, severity: Severity | None = None
) -> Iterator[Finding]:
    if not odd:
        return
    ordered = sorted(odd, key=lambda each: (oddity.figure(each[1]), each[0].uri))
    noted = [(i, oddity.note.format(abs(oddity.figure(measures)))) for i, measures in ordered]
    verb = "image is" if len(noted) == 1 else "images are"
    yield found(
        oddity.rule,
        f"{split.split}: {len(noted)} {verb} {oddity.what}: "
        + some(f"{image.uri} ({note})" if note else image.uri for image, note in noted),
        oddity.hint,
        scope=Scope(
            split.split,
            figures={"images": len(noted)},
            places=tuple(place_of(image, split.split, note=note) for image, note in noted),
        ),
        severity=severity,
    )
