"""Reading a whole manifest once, line by line, without holding a line of it."""

from array import array
from codecs import BOM_UTF8
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

import orjson

from rcl_flow.core import limits
from rcl_flow.core.lint.clean import DOUBTS, CleanLines, DoubtError, Holding, labels_and_boxes
from rcl_flow.core.lint.codes import (
    IMAGE_IN_TRAIN_AND_TEST,
    MANIFEST_EMPTY,
    MAX_LINE_CHARACTERS,
    MAX_MANIFEST_BYTES,
    REPEATED_SOURCE_REF,
    TOO_MANY_LABELS_ON_IMAGE,
)
from rcl_flow.core.lint.issues import LineIssue, LineProblem
from rcl_flow.core.lint.lines import LintedLine, lint_line
from rcl_flow.core.lint.manifest_report import ManifestReport, ManifestSplit
from rcl_flow.core.lint.seen import UNUSED_BITS, SeenImages, image_number
from rcl_flow.core.lint.tally import Tally

ImageState = Literal["ok", "invalid", "missing", "forbidden"]
"""Of an image file: usable, readable and not usable, not there, not to be read."""

UNREADABLE: Final = "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"
_NO_IMAGES: Final[Mapping[str, ImageState]] = {}
_NO_KEYS: Final = ("", "")
_AFTER_SLASH: Final = chr(ord("/") + 1)
_MAX_HELD: Final = 4096


class ManifestLinter:
    """Reads one manifest; keeps a number for each image, and what is wrong."""

    def __init__(
        self,
        uri: str,
        split: ManifestSplit = "train",
        *,
        images: Mapping[str, ImageState] = _NO_IMAGES,
        max_lines: int = limits.MAX_DATASET_IMAGES,
        other: "ManifestLinter | None" = None,
    ) -> None:
        """Read a manifest whose name is `uri`.

        Args:
            uri: a local path or an s3:// URI.
            split: what it is for.
            images: what is known of image files, by source-ref; others count as usable.
            max_lines: what the region takes.
            other: the linter that has read the training manifest, to find images in both.
        """
        self._uri, self._split, self._max_lines, self._images = uri, split, max_lines, images
        self._seen = SeenImages()
        self._elsewhere = other._seen if other else SeenImages()
        self._clean, self._tally = CleanLines(), Tally()
        self._held: dict[Holding, int] = defaultdict(int)
        self._without_boxes = array("I")
        self._buckets: set[str] = set()
        self._keys = _NO_KEYS
        self._problems: list[LineProblem] = []
        self._forbidden: list[tuple[int, LintedLine]] = []
        self._bytes = self._invalid = self._ignored = 0
        self._dropped = self._dropped_invalid = 0
        self._is_text, self._is_blank, self._image_was_read = True, True, False

    def read(self, lines: Iterable[bytes]) -> "ManifestLinter":
        """Judge lines, each with or without its line break, and return the linter."""
        loads, holding, images = orjson.loads, self._clean.holding, self._images
        elsewhere, held, (least, beyond) = self._elsewhere.images, self._held, self._keys
        seen, by_line, size = self._seen.images, self._seen.by_line, 0
        add, without_boxes = seen.add, self._without_boxes
        for raw in lines:
            size += (length := len(raw))
            try:
                document = loads(raw)
                line = holding(document)
                source_ref = document["source-ref"]
                image = hash(source_ref) >> UNUSED_BITS
                if (
                    not least < source_ref < beyond
                    or image in elsewhere
                    or length > MAX_LINE_CHARACTERS
                    or (images and images.get(source_ref, "ok") != "ok")
                    or image in seen
                ):
                    raise DoubtError
            except DOUBTS:
                self._judge(raw)
                least, beyond = self._keys
            else:
                add(image)
                by_line.append(image)
                held[line] += 1
                if line.__class__ is str:
                    without_boxes.append(len(by_line))
                elif line[0].__class__ is tuple or len(held) > _MAX_HELD:
                    self._held_by(line)
        self._bytes += size
        return self

    def report(self) -> ManifestReport:
        """Return what was found; nothing can be read afterwards."""
        self._tally_up()
        self._settle_forbidden()
        return ManifestReport(
            uri=self._uri,
            split=self._split,
            total_lines=len(self._seen.by_line),
            invalid_lines=self._invalid,
            ignored_lines=self._ignored,
            dropped_lines=self._dropped,
            dropped_invalid_lines=self._dropped_invalid,
            tally=self._tally,
            lines_without_boxes=self._without_boxes,
            declared_labels=frozenset(self._clean.labels),
            buckets=frozenset(self._buckets),
            forbidden_images=len(self._forbidden),
            file_codes=tuple(self._file_codes()),
            problems=tuple(sorted(self._problems, key=lambda problem: problem.line_number)),
        )

    def _held_by(self, line: Holding) -> None:
        """Note a line without boxes, and keep what is held apart in bounds."""
        if not labels_and_boxes(line)[1]:
            self._without_boxes.append(len(self._seen.by_line))
        if len(self._held) > _MAX_HELD:
            self._tally_up()

    def _judge(self, raw: bytes) -> None:
        """Judge a line in full, and count it."""
        number = len(self._seen.by_line) + 1
        raw = raw.removeprefix(BOM_UTF8) if number == 1 else raw
        line = self._line(raw)
        self._is_blank = self._is_blank and not raw.strip()
        first = self._seen.first_line(line.source_ref if line.bucket else "")
        if line.dropped or first != number:
            self._dropped += 1
        else:
            self._clean.learn(line.declared)
            self._compare(number, line)
        if first != number and line.bucket:
            self._repeated(number, line, first)
        elif line.usable:
            self._usable(number, line)
        else:
            self._unusable(number, line)

    def _line(self, raw: bytes) -> LintedLine:
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            self._is_text = False
            told = f"no UTF-8 text: {error.reason} at byte {error.start + 1}"
            return LintedLine(errors=(LineIssue("ERROR_INVALID_JSON_LINE", (), told),))
        return lint_line(text.removesuffix("\n").removesuffix("\r"))

    def _repeated(self, number: int, line: LintedLine, first: int) -> None:
        self._note(number, line, LineIssue(REPEATED_SOURCE_REF, ("source-ref",), f"line {first}"))
        if line.verdict == "invalid":
            self._invalid += 1
            self._dropped_invalid += 1
        else:
            self._ignored += 1

    def _unusable(self, number: int, line: LintedLine) -> None:
        self._note(number, line)
        if line.verdict == "ignored":
            self._ignored += 1
            return
        self._invalid += 1
        self._dropped_invalid += line.dropped

    def _usable(self, number: int, line: LintedLine) -> None:
        state = self._images.get(line.source_ref, "ok")
        self._image_was_read = self._image_was_read or state in ("ok", "invalid")
        if state == "forbidden":
            self._forbidden.append((number, line))
        elif state == "ok":
            self._valid(number, line)
        else:
            self._unusable(number, line.with_error("ERROR_INVALID_IMAGE"))

    def _valid(self, number: int, line: LintedLine) -> None:
        self._note(number, line)
        self._tally.add(line.labels, line.box_labels)
        if not line.box_labels:
            self._without_boxes.append(number)
        self._buckets.add(line.bucket)
        bucket = f"s3://{line.bucket}"
        # of texts just those that go on after the slash lie between
        self._keys = (f"{bucket}/", f"{bucket}{_AFTER_SLASH}")
        used = len({*line.labels, *line.box_labels})
        if used > limits.MAX_LABELS_PER_IMAGE:
            self._add(number, line, LineIssue(TOO_MANY_LABELS_ON_IMAGE, (), f"{used} labels"))

    def _compare(self, number: int, line: LintedLine) -> None:
        image = image_number(line.source_ref)
        if image in self._elsewhere.images:
            told = f"line {self._elsewhere.line_of(image)} of the training manifest"
            self._add(number, line, LineIssue(IMAGE_IN_TRAIN_AND_TEST, ("source-ref",), told))

    def _note(self, number: int, line: LintedLine, *more: LineIssue) -> None:
        for issue in (*line.errors, *line.warnings, *more):
            self._add(number, line, issue)

    def _add(self, number: int, line: LintedLine, issue: LineIssue) -> None:
        self._problems.append(
            LineProblem(number, issue.code, issue.place, line.source_ref, issue.detail)
        )

    def _tally_up(self) -> None:
        for held, times in self._held.items():
            labels, boxes = labels_and_boxes(held)
            self._tally.add(labels, boxes, times)
        self._held.clear()

    def _settle_forbidden(self) -> None:
        """Let forbidden images pass if no image can be read: then it is the bucket's fault."""
        pending, self._forbidden = self._forbidden, []
        alone = not self._image_was_read and not self._tally.lines
        for number, line in pending:
            if alone:
                self._forbidden.append((number, line))
                self._valid(number, line)
            else:
                self._unusable(number, line.with_error("ERROR_INVALID_IMAGE"))

    def _file_codes(self) -> Iterator[str]:
        """Yield what refuses the file as a whole, in the order in which the service looks."""
        if not has_extension(self._uri):
            yield UNREADABLE
        if self._bytes > MAX_MANIFEST_BYTES:
            yield "ERROR_MANIFEST_SIZE_TOO_LARGE"
        if self._is_blank and not self._tally.lines:
            yield MANIFEST_EMPTY
        if not self._is_text:
            yield UNREADABLE
        if len(self._seen.by_line) > self._max_lines:
            yield "ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM"


def has_extension(uri: str) -> bool:
    """Say whether the last part of a key or path has an extension, whichever."""
    name = uri.rstrip("/").rpartition("/")[2]
    return 0 < name.rfind(".") < len(name) - 1
