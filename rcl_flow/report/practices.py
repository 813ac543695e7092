"""What the ids of practices mean, in the words of docs/06-your-data.md."""

from collections.abc import Mapping
from typing import Final

PRACTICES: Final[Mapping[str, str]] = {
    "P1": "review the labels: distinct in name, look and use",
    "D1": "at least 15 to 20 images a label; variation helps more than more of the same",
    "D2": "similar numbers of images a label; avoid 1 : 50, and 1,000 against 50 is imbalanced "
    "already",
    "D3": "the variations that production will show",
    "D4": "natural and several backgrounds",
    "D5": "light, saturation and hue as in production",
    "D6": "several camera angles",
    "D7": "factors that decide accuracy: angle, resolution, aspect ratio, exposure, background, "
    "contrast, sample size",
    "D8": "correct labels, boxes tight around the object",
    "D9": "real images in the test set, never generated ones",
    "D10": "generated images in training only, where a variation cannot be photographed",
    "D11": "augmentation beyond what the service does itself, on training images only",
    "D12": 'a label for "none of the wanted ones"',
    "J1": "move the threshold where the business needs more precision, or more recall",
    "J2": "a test set that is not representative gives an F1 that is too high",
    "J3": "an external holdout of 500 to 1,000 images",
    "J5": "labels that are mixed up: add images of both, or redefine them so that each is distinct",
}


def practice_text(practice: str) -> str:
    """Write the id of a practice with what it means, where that is known."""
    meaning = PRACTICES.get(practice)
    return f"practice {practice}: {meaning}" if meaning else f"practice {practice}"
