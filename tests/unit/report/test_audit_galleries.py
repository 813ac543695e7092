"""Tests of which places of a finding are shown."""

from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.audit.findings import Place
from rcl_flow.report.audit_galleries import (
    MOST_PICTURES,
    OPEN_PICTURES,
    Gallery,
    galleries,
    pictures_of,
    shown_places,
)
from tests.builders import sha256_of
from tests.unit.report.audit_pages import pair, single

PICTURE = "data:image/png;base64,AAAA"
LARGE = 10_000_000


def tiles_of(gallery: Gallery) -> int:
    """Return how many places are shown."""
    return len(gallery.opened) + len(gallery.folded)


def test_pairs_and_single_images_share_the_most_pictures() -> None:
    """Eleven pairs and two images are 24 pictures; the next place is left out."""
    places = [*(pair(n) for n in range(11)), single(1), single(2), single(3)]
    assert len(shown_places(places)) == 13


def test_gallery_folds_what_is_beyond_the_first_pictures() -> None:
    """Six images or three pairs are open, the others folded, the rest counted."""
    images, pairs = galleries(
        [[single(n) for n in range(30)], [pair(n) for n in range(30)]],
        {},
        budget_characters=LARGE,
    )
    assert (len(images.opened), len(images.folded), images.hidden) == (OPEN_PICTURES, 18, 6)
    assert (len(pairs.opened), len(pairs.folded), pairs.hidden) == (3, 9, 18)
    assert (images.has_pairs, pairs.has_pairs, images.has_pictures) == (False, True, False)


def test_budget_is_dealt_out_in_turn() -> None:
    """A small budget gives every finding its first pictures, not all to the first finding."""
    thumbnails = {sha256_of(f"train-{n}"): PICTURE + "A" * 10_000 for n in range(20)}
    places = [single(n) for n in range(20)]
    dealt = galleries([places] * 4, thumbnails, budget_characters=90_000)
    assert [tiles_of(gallery) for gallery in dealt] == [2, 2, 2, 2]
    assert [gallery.hidden for gallery in dealt] == [18, 18, 18, 18]


def test_pictures_of_places_without_a_digest_are_not_asked_for() -> None:
    """Lines of manifests have no picture; pairs have two."""
    places = [Place(uri="a.manifest", line_number=3), pair(1)]
    assert list(pictures_of(places)) == [
        (sha256_of("train-1"), "images/train-1.png"),
        (sha256_of("holdout-twin1"), "images/holdout-twin1.png"),
    ]


@given(
    counts=st.lists(st.integers(0, 40), max_size=8),
    size=st.integers(0, 5_000),
    budget=st.integers(0, 60_000),
)
def test_galleries_keep_to_their_limits(counts: list[int], size: int, budget: int) -> None:
    """Whatever there is to show: within the budget, the first places, none lost from the count."""
    thumbnails = {sha256_of(f"train-{n}"): PICTURE + "A" * size for n in range(40)}
    every = [[single(n) for n in range(count)] for count in counts]
    dealt = galleries(every, thumbnails, budget_characters=budget)
    tiles = [tile for gallery in dealt for tile in gallery.opened + gallery.folded]
    assert sum(tile.characters for tile in tiles) <= budget
    for gallery, places in zip(dealt, every, strict=True):
        shown = [tile.place for tile in gallery.opened + gallery.folded]
        assert shown == places[: len(shown)]
        assert len(shown) + gallery.hidden == len(places)
        assert len(shown) <= MOST_PICTURES
