"""Tests of the cards of the worst mistakes."""

from rcl_flow.core.comparison import Mistake
from rcl_flow.report.mistake_cards import MOST_CARDS, PICTURE_BUDGET_CHARACTERS, mistake_cards
from tests.unit.report.pages import THUMBNAIL


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


def test_card_tells_truth_and_prediction_with_confidence() -> None:
    """A label that was not returned has no confidence, rather than 0."""
    (card,) = mistake_cards([mistake()], {f"{0:064x}": THUMBNAIL})
    assert (card.name, card.uri) == ("0.png", "s3://bucket/cats/0.png")
    assert [(one.label, one.confidence_percent) for one in card.truth] == [
        ("cat", 1.3),
        ("pet", None),
    ]
    assert [(one.label, one.confidence_percent) for one in card.predicted] == [("dog", 98.2)]
    assert card.picture == THUMBNAIL


def test_cards_are_the_first_mistakes() -> None:
    """The order is kept and the number limited."""
    cards = mistake_cards([mistake(index) for index in range(MOST_CARDS + 9)], {})
    assert [card.name for card in cards] == [f"{index}.png" for index in range(MOST_CARDS)]


def test_card_takes_no_picture_from_network() -> None:
    """Only pictures inside the page are shown."""
    (card,) = mistake_cards([mistake()], {f"{0:064x}": "https://example.com/cat.png"})
    assert card.picture is None


def test_cards_leave_pictures_out_beyond_budget() -> None:
    """Large thumbnails cannot make the page too large; a small one still fits after them."""
    large = "data:image/png;base64," + "A" * (PICTURE_BUDGET_CHARACTERS * 2 // 3)
    pictures = {f"{0:064x}": large, f"{1:064x}": large, f"{2:064x}": THUMBNAIL}
    cards = mistake_cards([mistake(index) for index in range(3)], pictures)
    assert [card.picture for card in cards] == [large, None, THUMBNAIL]
