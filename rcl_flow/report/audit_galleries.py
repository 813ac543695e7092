"""Which places of a finding are shown, with which pictures, so that the page stays small."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rcl_flow.core.audit.findings import Place

MOST_PICTURES: Final = 24
"""A finding shows no more; a pair is two."""
OPEN_PICTURES: Final = 6
"""So many are seen at once, the others after opening them."""
_TILE_CHARACTERS: Final = 700
"""About what the HTML of a tile takes besides names and pictures."""
_NAME_COPIES: Final = 2
_DATA_IMAGE: Final = "data:image/"


@dataclass(frozen=True, slots=True)
class Tile:
    """One image, or a pair of them side by side."""

    place: Place
    picture: str = ""
    """A `data:` URI, or an empty text when there is no thumbnail."""
    twin_picture: str = ""

    @property
    def characters(self) -> int:
        """About how much the page grows by it."""
        names = len(self.place.uri) + len(self.place.twin_uri) + len(self.place.note)
        pictures = len(self.picture) + len(self.twin_picture)
        return _TILE_CHARACTERS + _NAME_COPIES * names + pictures


@dataclass(frozen=True, slots=True)
class Gallery:
    """The tiles of one finding."""

    opened: tuple[Tile, ...] = ()
    folded: tuple[Tile, ...] = ()
    hidden: int = 0
    """Places that are not shown."""

    @property
    def has_pictures(self) -> bool:
        """Without any, names are listed instead."""
        return any(tile.picture or tile.twin_picture for tile in self.opened + self.folded)

    @property
    def has_pairs(self) -> bool:
        """Its tiles are pairs of images."""
        return any(tile.place.twin_uri for tile in self.opened)


def shown_places(places: Sequence[Place]) -> tuple[Place, ...]:
    """Return the first places, up to the most pictures that a finding shows."""
    left, shown = MOST_PICTURES, []
    for place in places:
        left -= 2 if place.twin_uri else 1
        if left < 0:
            break
        shown.append(place)
    return tuple(shown)


def pictures_of(places: Sequence[Place]) -> Iterator[tuple[str, str]]:
    """Yield digest and uri of every image in places that was read."""
    for place in places:
        yield from ((place.sha256, place.uri),) if place.sha256 else ()
        yield from ((place.twin_sha256, place.twin_uri),) if place.twin_sha256 else ()


def galleries(
    every: Sequence[Sequence[Place]], thumbnails: Mapping[str, str], *, budget_characters: int
) -> tuple[Gallery, ...]:
    """Return a gallery for each sequence of places; the budget is dealt out one tile in turn."""
    tiles = [[_tile(place, thumbnails) for place in shown_places(places)] for places in every]
    allotted = _allotted([[tile.characters for tile in row] for row in tiles], budget_characters)
    return tuple(
        _gallery(row[:count], len(places))
        for row, count, places in zip(tiles, allotted, every, strict=True)
    )


def picture_of(sha256: str, thumbnails: Mapping[str, str]) -> str:
    """Return an image's thumbnail, or an empty text where there is none that may be shown."""
    uri = thumbnails.get(sha256, "")
    return uri if uri.startswith(_DATA_IMAGE) else ""


def _tile(place: Place, thumbnails: Mapping[str, str]) -> Tile:
    return Tile(
        place, picture_of(place.sha256, thumbnails), picture_of(place.twin_sha256, thumbnails)
    )


def _gallery(tiles: Sequence[Tile], places: int) -> Gallery:
    paired = bool(tiles and tiles[0].place.twin_uri)
    fold = OPEN_PICTURES // 2 if paired else OPEN_PICTURES
    return Gallery(tuple(tiles[:fold]), tuple(tiles[fold:]), places - len(tiles))


def _allotted(costs: Sequence[Sequence[int]], budget: int) -> list[int]:
    """Deal one tile to each row in turn, until a row is done or its next tile is too large."""
    counts, left = [0] * len(costs), budget
    waiting = [row for row, of_row in enumerate(costs) if of_row]
    while waiting:
        still = []
        for row in waiting:
            cost = costs[row][counts[row]]
            if cost > left:
                continue
            left -= cost
            counts[row] += 1
            if counts[row] < len(costs[row]):
                still.append(row)
        waiting = still
    return counts
