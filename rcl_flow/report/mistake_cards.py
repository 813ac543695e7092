"""The worst mistakes as cards with a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rcl_flow.core.scoring.comparison import Comparison, Mistake
from rcl_flow.core.scoring.judging import Mark, MarkedBox
from rcl_flow.report.wording import file_name

MOST_CARDS = 48
PICTURE_BUDGET_CHARACTERS = 3_500_000
"""Pictures beyond this are left out, so that the page stays below 5 MB."""

_DATA_IMAGE = "data:image/"


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
    cards, left = [], PICTURE_BUDGET_CHARACTERS
    for mistake in comparison.mistakes[:MOST_CARDS]:
        picture = _picture(thumbnails.get(mistake.sha256, ""), left)
        left -= len(picture or "")
        cards.append(_card(mistake, rows(mistake), picture))
    return tuple(cards)


def _picture(uri: str, left: int) -> str | None:
    return uri if uri.startswith(_DATA_IMAGE) and len(uri) <= left else None


def _card(mistake: Mistake, rows: tuple[CardRow, ...], picture: str | None) -> MistakeCard:
    return MistakeCard(
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
