"""Tests of the cards of the worst mistakes."""

from rcl_flow.core.datasets.boxes import Box
from rcl_flow.core.scoring.comparison import Comparison, Mistake
from rcl_flow.core.scoring.judging import MarkedBox
from rcl_flow.report.mistake_cards import (
    MOST_CARDS,
    MistakeCard,
    mistake_cards,
)
from tests.unit.report.pages import THUMBNAIL, Scenario, build_comparison


def mistake(index: int = 0) -> Mistake:
    """Return a cat that was taken for a dog."""
    return Mistake(
        sha256=f"{index:064x}",
        uri=f"s3://bucket/cats/{index}.png",
        truth=("cat", "pet"),
        predicted=("dog",),
        confidences_percent={"dog": 98.2, "cat": 1.3},
        severity_percent=98.2,
    )


def with_mistakes(*mistakes: Mistake, **changes: object) -> Comparison:
    """Return a comparison with those mistakes."""
    base = build_comparison(Scenario(labels=("cat", "dog"), test_images=20, holdout_images=20))
    return base.model_copy(update={"mistakes": mistakes, **changes})


def rows_of(card: MistakeCard) -> list[tuple[str, list[tuple[str, float | None]]]]:
    """Return what a card lists."""
    return [
        (row.title, [(one.label, one.confidence_percent) for one in row.named]) for row in card.rows
    ]


def test_card_of_objects_tells_what_was_missed_and_found() -> None:
    """A detector's card lists boxes by what became of them, and keeps them for the picture."""
    place = Box(left=0.1, top=0.2, width=0.3, height=0.4)
    boxes = (
        MarkedBox(label="bolt", mark="hit", confidence_percent=91.0, box=place),
        MarkedBox(label="nut", mark="miss", confidence_percent=None, box=place),
    )
    wrong = mistake().model_copy(update={"boxes": boxes})
    (card,) = mistake_cards(with_mistakes(wrong, task="detection"), {})
    assert rows_of(card) == [("Missed", [("nut", None)]), ("Found", [("bolt", 91.0)])]
    assert card.frames == boxes


def test_card_tells_truth_and_prediction_with_confidence() -> None:
    """A label that was not returned has no confidence, rather than 0."""
    (card,) = mistake_cards(with_mistakes(mistake()), {f"{0:064x}": THUMBNAIL})
    assert (card.name, card.uri) == ("0.png", "s3://bucket/cats/0.png")
    assert rows_of(card) == [
        ("Is", [("cat", 1.3), ("pet", None)]),
        ("Model said", [("dog", 98.2)]),
    ]
    assert card.picture == THUMBNAIL


def test_cards_are_the_first_mistakes() -> None:
    """The order is kept and the number limited."""
    cards = mistake_cards(with_mistakes(*map(mistake, range(MOST_CARDS + 9))), {})
    assert [card.name for card in cards] == [f"{index}.png" for index in range(MOST_CARDS)]
