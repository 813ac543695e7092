"""The chance of a training: which of the images a model happens to make nothing of.

The service's trainings are not repeatable: the same data twice give two models. The emulator's are,
unless it is told to leave out a share of the training images by chance.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Luck:
    """What decides over the images of one training."""

    left_out: float = 0.0
    """The share of the training images that it makes nothing of, 0 to 1."""
    seed: str = ""
    """The version's name: the same name, the same images."""

    def drawn(self, labels: Sequence[Collection[str]]) -> list[int]:
        """Return the places of the images that are used, of images with these labels.

        An image that is the last of a label is always used.
        """
        out = round(len(labels) * self.left_out)
        left = {label: 0 for found in labels for label in found}
        for label in (each for found in labels for each in set(found)):
            left[label] += 1
        used = set(range(len(labels)))
        for place in sorted(used, key=self._lot):
            if len(labels) - len(used) == out:
                break
            if all(left[label] > 1 for label in labels[place]):
                used.remove(place)
                for label in set(labels[place]):
                    left[label] -= 1
        return sorted(used)

    def _lot(self, place: int) -> bytes:
        return hashlib.sha256(f"{self.seed}#{place}".encode()).digest()
