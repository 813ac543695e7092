"""The two halves of a training: the lines of the training data and of the testing data."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from rcl_flow.emulator.data.catalogue import content_error
from rcl_flow.emulator.data.manifests import (
    CheckedLine,
    Verdict,
    annotated,
    without_validation,
)
from rcl_flow.emulator.data.objects import BucketFacts
from rcl_flow.emulator.learning.boxes import WHOLE_IMAGE, LabelledBox
from rcl_flow.emulator.shapes import JsonObject

NOT_DETERMINED = "NOT_DETERMINED"
IMAGE_LEVEL_LABELS = "IMAGE_LEVEL_LABELS"
OBJECT_LOCALIZATION = "OBJECT_LOCALIZATION"


@dataclass(frozen=True)
class FetchedImages:
    """The images of a training as S3 gave them, by source-ref."""

    bodies: Mapping[str, bytes | None] = field(default_factory=dict, repr=False)
    """None for an image that could not be read."""
    forbidden: frozenset[str] = frozenset()
    """Those that could not be read because they may not be."""
    buckets: Mapping[str, BucketFacts] = field(default_factory=dict)
    """The images' buckets, by name, those that exist."""


@dataclass(frozen=True)
class Side:
    """The lines of the training or the testing data, and the terminal errors among them.

    `owner` is the account that the images' bucket must belong to: that of the manifest's bucket.
    """

    lines: tuple[CheckedLine, ...]
    errors: tuple[str, ...] = ()
    use_case: str = NOT_DETERMINED
    owner: str = ""
    whole_images: bool = False
    """Whether an image-level label stands for a box around the whole image."""

    def valid(self) -> list[CheckedLine]:
        """Return the lines that count as valid, of both formats."""
        return [line for line in self.lines if line.verdict is Verdict.VALID]

    def usable(self) -> list[CheckedLine]:
        """Return the lines that are trained on or tested with.

        Once the use case is decided, they have only what belongs to it: labels or boxes.
        """
        if self.use_case != OBJECT_LOCALIZATION:
            return self.valid()
        lines = map(_with_whole_images, self.valid()) if self.whole_images else self.valid()
        return [replace(line, labels=()) for line in lines if line.boxes]

    def labels(self) -> set[str]:
        """Return the labels on usable lines."""
        return {label for line in self.usable() for label in line.used_labels}

    def failing(self, code: str) -> "Side":
        """Return the same side with a terminal error."""
        return replace(self, errors=(*self.errors, code))

    def statistics(self) -> JsonObject:
        """Return the side's part of the manifest summary; lines are numbered from 1."""
        verdicts = [line.verdict for line in self.lines]
        return {
            "use_case": self.use_case,
            "total_json_lines": len(self.lines),
            "valid_json_lines": verdicts.count(Verdict.VALID),
            "invalid_json_lines": verdicts.count(Verdict.INVALID),
            "ignored_json_lines": verdicts.count(Verdict.IGNORED),
            "error_json_line_indices": [
                number for number, line in enumerate(self.lines, start=1) if line.errors
            ],
            "errors": [content_error(code) for code in self.errors],
        }

    def with_validation(self) -> Iterator[JsonObject]:
        """Yield the lines of the side's manifest with validation."""
        for line in self.lines:
            noted = annotated(without_validation(line.document or {}), line.errors, key="errors")
            yield annotated(noted, line.warnings, key="warnings")


@dataclass(frozen=True)
class Sides:
    """Training and testing data together; `errors` are those that concern both.

    `testing` is None until the service has split it off, which `split_here` then tells; `seed`
    decides which images it takes.
    """

    training: Side
    testing: Side | None
    seed: str
    images: FetchedImages = FetchedImages()
    errors: tuple[str, ...] = ()
    split_here: bool = False

    @property
    def use_case(self) -> str:
        """What kind of model the data make."""
        return self.training.use_case

    def image(self, line: CheckedLine) -> bytes:
        """Return the image file of a usable line."""
        return self.images.bodies[line.source_ref] or b""

    def terminal_errors(self) -> list[str]:
        """Return the codes of all terminal errors."""
        testing = self.testing.errors if self.testing else ()
        return [*self.training.errors, *testing, *self.errors]

    def each(self, change: Callable[[Side], Side]) -> "Sides":
        """Return both sides changed."""
        testing = change(self.testing) if self.testing else None
        return replace(self, training=change(self.training), testing=testing)

    def summary(self) -> JsonObject:
        """Return the manifest summary."""
        testing = self.testing or Side(())
        return {
            "statistics": {
                "training": self.training.statistics(),
                "testing": testing.statistics(),
            },
            "errors": [content_error(code) for code in self.errors],
        }


def _with_whole_images(line: CheckedLine) -> CheckedLine:
    return replace(line, boxes=tuple(LabelledBox(label, WHOLE_IMAGE) for label in line.labels))
