"""The audit's rules: id, practice, usual severity, title. Each has a section in the docs.

Practices are those of docs/06-your-data.md: P for the steps, D for data, J for judging.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import AfterValidator, WithJsonSchema

Severity = Literal["error", "warning", "note"]
_PAGE: Final = "docs/06-your-data.md"


class Rule(NamedTuple):
    """One thing that an audit looks for."""

    practice: str
    """The id of the practice behind it, or an empty text for a limit of the service."""
    severity: Severity
    """What it is unless the config says otherwise."""
    title: str


RULES: Final[Mapping[str, Rule]] = {
    "no-images": Rule("", "error", "A split without usable images"),
    "unusable-image": Rule("", "error", "Images that the service cannot use"),
    "damaged-image": Rule("D7", "warning", "Images whose data are not whole"),
    "animated-image": Rule("", "warning", "Files of several pictures"),
    "unlabelled-image": Rule("D8", "warning", "Images without a label"),
    "label-name": Rule("P1", "error", "Label names that the service does not take"),
    "labels-per-image": Rule("", "error", "Images with too many labels"),
    "boxes-per-image": Rule("", "error", "Images with too many boxes"),
    "dataset-size": Rule("", "error", "More images than the region takes"),
    "test-images-per-label": Rule("", "error", "More test images of a label than allowed"),
    "one-bucket": Rule("", "error", "Images in several buckets"),
    "manifest-line": Rule("", "error", "Lines that the service refuses"),
    "manifest-file": Rule("", "error", "A manifest that the service refuses"),
    "manifest-warning": Rule("", "warning", "Lines that the service leaves out"),
    "mixed-labels": Rule("", "error", "Boxes and image-level labels together"),
    "too-few-labels": Rule("D12", "error", "Too few labels to train"),
    "too-many-labels": Rule("", "error", "Too many labels"),
    "unknown-label": Rule("P1", "error", "Labels that training does not know"),
    "label-missing": Rule("J2", "warning", "Labels without an image to judge them by"),
    "few-images": Rule("D1", "warning", "Few images of a label"),
    "imbalance": Rule("D2", "warning", "Labels of very different sizes"),
    "holdout-size": Rule("J3", "warning", "A holdout of the wrong size"),
    "holdout-worn": Rule("J3", "warning", "A holdout that was consulted often"),
    "label-conflict": Rule("D8", "error", "Equal images with different labels"),
    "duplicate-image": Rule("D1", "warning", "Equal images in one split"),
    "split-overlap": Rule("J2", "error", "Equal images in two splits"),
    "near-conflict": Rule("D8", "warning", "Near duplicates with different labels"),
    "near-duplicate": Rule("D1", "note", "Near duplicates in one split"),
    "near-overlap": Rule("J2", "error", "Near duplicates in two splits"),
    "turned-overlap": Rule("J2", "error", "Mirrored or turned copies in two splits"),
    "similar-names": Rule("P1", "warning", "Labels of nearly the same name"),
    "always-together": Rule("P1", "warning", "Labels that always occur together"),
    "look-alike": Rule("P1", "warning", "Labels whose images look alike"),
    "no-negative-label": Rule("D12", "note", "No label for none of the wanted ones"),
    "narrow-variety": Rule("D3", "warning", "A label of few different pictures"),
    "narrow-background": Rule("D4", "warning", "A label with one kind of background"),
    "narrow-light": Rule("D5", "warning", "A label in one kind of light"),
    "narrow-angle": Rule("D6", "warning", "A label from one angle"),
    "narrow-shape": Rule("D7", "note", "A label of one resolution and shape"),
    "factor-gives-label": Rule("D4", "warning", "A label that light or background gives away"),
    "factor-shift": Rule("J2", "warning", "Splits that differ in an image factor"),
    "label-shift": Rule("J2", "warning", "Splits that differ in their labels' shares"),
    "dark-image": Rule("D7", "warning", "Dark images"),
    "bright-image": Rule("D7", "warning", "Overexposed images"),
    "blurred-image": Rule("D7", "warning", "Blurred images"),
    "flat-image": Rule("D7", "warning", "Images that show nothing"),
    "turned-by-exif": Rule("D6", "warning", "Images that EXIF turns"),
    "box-outside": Rule("D8", "error", "Boxes that leave the image"),
    "box-inverted": Rule("D8", "error", "Boxes of no or negative size"),
    "box-tiny": Rule("D8", "warning", "Boxes that vanish in training"),
    "box-duplicate": Rule("D8", "warning", "Boxes drawn twice"),
    "box-overwide": Rule("D8", "warning", "Boxes around the whole image"),
    "box-loose": Rule("D8", "warning", "Boxes that are suspiciously loose"),
    "synthetic-image": Rule("D9", "error", "Generated images that judge a model"),
    "augmented-image": Rule("D11", "error", "Augmented images that judge a model"),
}


def docs_of(rule: str) -> str:
    """Return the documentation's section about a rule, as page#anchor."""
    return f"{_PAGE}#{rule}"


def known_rule(rule: str) -> str:
    """Return `rule` when it is one of the catalogue.

    Raises:
        ValueError: it is not; the message names the nearest ones.
    """
    if rule not in RULES:
        near = get_close_matches(rule, RULES, n=3, cutoff=0.5)
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ValueError(f"there is no audit rule {rule!r}{meant}")
    return rule


RuleId = Annotated[
    str, AfterValidator(known_rule), WithJsonSchema({"type": "string", "enum": list(RULES)})
]
