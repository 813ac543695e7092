"""The worst mistakes as cards with a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rcl_flow.core.comparison import Mistake
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
class MistakeCard:
    """One image that was judged wrongly."""

    name: str
    uri: str
    truth: tuple[NamedConfidence, ...]
    predicted: tuple[NamedConfidence, ...]
    picture: str | None
    """A `data:` URI, or None when there is no thumbnail."""


def mistake_cards(
    mistakes: Sequence[Mistake], thumbnails: Mapping[str, str]
) -> tuple[MistakeCard, ...]:
    """Return a card for each of the first mistakes, with its thumbnail where there is one."""
    cards, left = [], PICTURE_BUDGET_CHARACTERS
    for mistake in mistakes[:MOST_CARDS]:
        picture = _picture(thumbnails.get(mistake.sha256, ""), left)
        left -= len(picture or "")
        cards.append(_card(mistake, picture))
    return tuple(cards)


def _picture(uri: str, left: int) -> str | None:
    return uri if uri.startswith(_DATA_IMAGE) and len(uri) <= left else None


def _card(mistake: Mistake, picture: str | None) -> MistakeCard:
    confidences = mistake.confidences_percent
    return MistakeCard(
        name=file_name(mistake.uri),
        uri=mistake.uri,
        truth=tuple(NamedConfidence(label, confidences.get(label)) for label in mistake.truth),
        predicted=tuple(
            NamedConfidence(label, confidences.get(label)) for label in mistake.predicted
        ),
        picture=picture,
    )
