"""The two halves of a training, training and testing data, and the checks on their contents."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rcl_flow.emulator.data.catalogue import (
    MAX_INVALID_SHARE,
    MAX_LABELS,
    MIN_LABEL_OVERLAP,
    MIN_LABELS,
    content_error,
    line_issue,
)
from rcl_flow.emulator.data.images import is_trainable
from rcl_flow.emulator.data.manifests import (
    CheckedLine,
    Verdict,
    annotated,
    parse_source_ref,
)
from rcl_flow.emulator.data.split import choose_test_images
from rcl_flow.emulator.shapes import JsonObject

NOT_DETERMINED = "NOT_DETERMINED"
IMAGE_LEVEL_LABELS = "IMAGE_LEVEL_LABELS"


@dataclass(frozen=True)
class Side:
    """The lines of the training or the testing data, and the terminal errors among them."""

    lines: tuple[CheckedLine, ...]
    errors: tuple[str, ...] = ()
    use_case: str = NOT_DETERMINED

    def usable(self) -> list[CheckedLine]:
        """Return the lines that are trained on or tested with."""
        return [line for line in self.lines if line.verdict is Verdict.VALID]

    def labels(self) -> set[str]:
        """Return the labels on usable lines."""
        return {label for line in self.usable() for label in line.labels}

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
            noted = annotated(line.document, line.errors, key="errors")
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
    images: Mapping[str, bytes | None] = field(repr=False)
    errors: tuple[str, ...] = ()
    split_here: bool = False

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


def check_sides(sides: Sides) -> Sides:
    """Return the sides after the checks up to the first that finds an error."""
    for check in CONTENT_CHECKS:
        sides = check(sides)
        if sides.terminal_errors():
            return sides
    return sides


def _judge_images(sides: Sides) -> Sides:
    trainable = {ref: body is not None and is_trainable(body) for ref, body in sides.images.items()}

    def judge(line: CheckedLine) -> CheckedLine:
        if line.verdict is Verdict.VALID and not trainable.get(line.source_ref, False):
            return line.with_error(line_issue("ERROR_INVALID_IMAGE"))
        return line

    return sides.each(lambda side: replace(side, lines=tuple(map(judge, side.lines))))


def _refuse_invalid_rows(side: Side) -> Side:
    invalid = sum(line.verdict is Verdict.INVALID for line in side.lines)
    if invalid > MAX_INVALID_SHARE * len(side.lines):
        return side.failing("ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST")
    return side


def _refuse_several_buckets(side: Side) -> Side:
    refs = [parse_source_ref(line.source_ref) for line in side.usable()]
    if len({ref.bucket for ref in refs if ref}) > 1:
        return side.failing("ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS")
    return side


def _refuse_label_counts(side: Side) -> Side:
    count = len(side.labels())
    if count < MIN_LABELS:
        return side.failing("ERROR_MANIFEST_TOO_FEW_LABELS")
    if count > MAX_LABELS:
        return side.failing("ERROR_MANIFEST_TOO_MANY_LABELS")
    return side


def _split_off_testing(sides: Sides) -> Sides:
    if sides.testing is not None:
        return sides
    lines = sides.training.lines
    labels_of = {n: x.labels for n, x in enumerate(lines) if x.verdict is Verdict.VALID}
    chosen = choose_test_images(labels_of, seed=sides.seed)
    if chosen is None:
        failed = sides.training.failing("ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT")
        return replace(sides, training=failed)
    return replace(
        sides,
        training=Side(_pick(lines, lambda number: number not in chosen)),
        testing=Side(_pick(lines, lambda number: number in chosen)),
        split_here=True,
    )


def _pick(lines: Sequence[CheckedLine], keep: Callable[[int], bool]) -> tuple[CheckedLine, ...]:
    return tuple(line for number, line in enumerate(lines) if keep(number))


def _refuse_small_overlap(sides: Sides) -> Sides:
    training = sides.training.labels()
    testing = sides.testing.labels() if sides.testing else set()
    if len(training & testing) < MIN_LABEL_OVERLAP * len(training):
        return replace(sides, errors=("ERROR_INSUFFICIENT_LABEL_OVERLAP",))
    return sides


def _decide_use_case(sides: Sides) -> Sides:
    return sides.each(lambda side: replace(side, use_case=IMAGE_LEVEL_LABELS))


CONTENT_CHECKS: tuple[Callable[[Sides], Sides], ...] = (
    _judge_images,
    lambda sides: sides.each(_refuse_invalid_rows),
    lambda sides: sides.each(_refuse_several_buckets),
    _split_off_testing,
    lambda sides: sides.each(_refuse_label_counts),
    _refuse_small_overlap,
    _decide_use_case,
)
"""The order in which the service judges contents; it stops at the first that finds an error."""
