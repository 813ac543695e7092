"""The split that the service makes itself: a fifth of each label's images becomes the test set."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from rcl_flow.emulator.data.manifests import CheckedLine, Verdict

Lines = tuple[CheckedLine, ...]

TEST_SHARE = 0.2
MIN_IMAGES_PER_LABEL = 2


def split_off(lines: Sequence[CheckedLine], *, seed: str) -> tuple[Lines, Lines] | None:
    """Return the lines that stay and those to test with, or None if a label has too few images.

    Only valid lines can be chosen; both parts keep the order.
    """
    labels_of = {
        number: sorted(line.used_labels)
        for number, line in enumerate(lines)
        if line.verdict is Verdict.VALID
    }
    chosen = choose_test_images(labels_of, seed=seed)
    if chosen is None:
        return None
    stay = tuple(line for number, line in enumerate(lines) if number not in chosen)
    return stay, tuple(line for number, line in enumerate(lines) if number in chosen)


def choose_test_images(labels_of: Mapping[int, Sequence[str]], *, seed: str) -> set[int] | None:
    """Return the images to test with, or None if a label has too few images.

    Each label gets max(1, 20 %) of its images, rare labels first; an image that is the last one of
    a label in the training set stays there. The order of choice depends on `seed` alone.

    Args:
        labels_of: The labels of each usable image, by any number that names it.
        seed: A text, such as the version's ARN.
    """
    left = Counter(label for labels in labels_of.values() for label in labels)
    if not left or min(left.values()) < MIN_IMAGES_PER_LABEL:
        return None
    wanted = {label: max(1, round(TEST_SHARE * count)) for label, count in left.items()}
    order = sorted(labels_of, key=lambda number: _shuffle_key(seed, number))
    chosen: set[int] = set()
    for label in sorted(wanted, key=lambda name: (wanted[name], name)):
        for number in order:
            if wanted[label] <= 0:
                break
            labels = labels_of[number]
            if label in labels and number not in chosen and min(left[x] for x in labels) > 1:
                chosen.add(number)
                left.subtract(labels)
                for each in labels:
                    wanted[each] -= 1
    return chosen


def _shuffle_key(seed: str, number: int) -> bytes:
    return hashlib.sha256(f"{seed}#{number}".encode()).digest()
