"""The service's limits that this program checks before it pays for anything.

Source: Amazon Rekognition Custom Labels developer guide, "Guidelines and quotas in Amazon
Rekognition Custom Labels" (archived text, read 2026-11-23).
"""

from collections.abc import Mapping
from typing import Final

IMAGE_FORMATS: Final = ("JPEG", "PNG")
MIN_SIDE_PIXELS: Final = 64
MAX_SIDE_PIXELS: Final = 4096
MAX_ASPECT_RATIO: Final = 20.0
MAX_IMAGE_BYTES_IN_S3: Final = 15 * 1024 * 1024
MAX_IMAGE_BYTES_IN_REQUEST: Final = 4 * 1024 * 1024
MIN_LABELS: Final = 2
"""For classification; one is enough to detect objects."""
MIN_OBJECT_LABELS: Final = 1
MAX_LABELS: Final = 250
MAX_LABELS_PER_IMAGE: Final = 50
MAX_BOXES_PER_IMAGE: Final = 50
TRAINING_SIDE_PIXELS: Final = 1280
"""Longer sides are scaled down for training; boxes must stay above one pixel there."""
MAX_LABEL_CHARACTERS: Final = 255
MIN_LABEL_OVERLAP: Final = 0.5
"""Labels common to test and train over the labels of train."""
MAX_TEST_IMAGES_PER_LABEL: Final = 1000
MAX_VERSIONS_PER_PROJECT: Final = 100
"""A default quota. Source: AWS General Reference, Rekognition quotas (read 2026-11-23)."""
MAX_DATASET_IMAGES: Final = 250_000
_SMALL_REGIONS: Final[Mapping[str, int]] = {"train": 28_000, "test": 7_000}
"""What Mumbai (ap-south-1) and London (eu-west-2) take."""


def max_dataset_images(region: str, split: str) -> int:
    """Return how many images a dataset of `split` (`train` or `test`) may have in a region."""
    if region in ("ap-south-1", "eu-west-2"):
        return _SMALL_REGIONS[split]
    return MAX_DATASET_IMAGES
