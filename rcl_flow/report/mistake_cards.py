"""The worst mistakes as cards with a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rcl_flow.core.scoring.comparison import Comparison, Mistake
from rcl_flow.core.scoring.judging import Mark, MarkedBox
from rcl_flow.report.shown_images import FIRST_WORST
from rcl_flow.report.wording import file_name

MOST_CARDS = FIRST_WORST


@dataclass(frozen=True, slots=True)
class NamedConfidence:
    """A label with its confidence, 0 to 100; None when the model did not return it."""

    label: str
    confidence_percent: float | None


@dataclass(frozen=True, slots=True)
class CardRow:
    """One line of a card: what is listed, the list, and the words for an empty one."""

    title: str
    named: tuple[NamedConfidence, ...]
    nothing: str


@dataclass(frozen=True, slots=True)
class MistakeCard:
    """One image that was judged wrongly."""

    sha256: str
    name: str
    uri: str
    rows: tuple[CardRow, ...]
    picture: str | None
    """A `data:` URI, or None when there is no thumbnail."""
    frames: tuple[MarkedBox, ...] = ()
    """Boxes to draw over the picture."""
    width_pixels: int = 0
    height_pixels: int = 0


def mistake_cards(comparison: Comparison, thumbnails: Mapping[str, str]) -> tuple[MistakeCard, ...]:
    """Return a card for each of the first mistakes, with its thumbnail where there is one."""
    rows = _object_rows if comparison.task == "detection" else _label_rows
    return tuple(
        _card(mistake, rows(mistake), thumbnails.get(mistake.sha256))
        for mistake in comparison.mistakes[:MOST_CARDS]
    )


def _card(mistake: Mistake, rows: tuple[CardRow, ...], picture: str | None) -> MistakeCard:
    return MistakeCard(
        sha256=mistake.sha256,
        name=file_name(mistake.uri),
        uri=mistake.uri,
        rows=rows,
        picture=picture,
        frames=mistake.boxes,
        width_pixels=mistake.width_pixels,
        height_pixels=mistake.height_pixels,
    )


def _label_rows(mistake: Mistake) -> tuple[CardRow, ...]:
    return (
        CardRow("Is", _with_confidence(mistake.truth, mistake), "none of the labels"),
        CardRow("Model said", _with_confidence(mistake.predicted, mistake), "no label"),
    )


def _with_confidence(labels: Sequence[str], mistake: Mistake) -> tuple[NamedConfidence, ...]:
    confidences = mistake.confidences_percent
    return tuple(NamedConfidence(label, confidences.get(label)) for label in labels)


def _object_rows(mistake: Mistake) -> tuple[CardRow, ...]:
    marks: tuple[tuple[str, Mark], ...] = (
        ("Missed", "miss"),
        ("False alarm", "false alarm"),
        ("Found", "hit"),
    )
    rows = (CardRow(title, _named(mistake.boxes, mark), "") for title, mark in marks)
    return tuple(row for row in rows if row.named)


def _named(boxes: Sequence[MarkedBox], mark: Mark) -> tuple[NamedConfidence, ...]:
    return tuple(
        NamedConfidence(box.label, box.confidence_percent) for box in boxes if box.mark == mark
    )
