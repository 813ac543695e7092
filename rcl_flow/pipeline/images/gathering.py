"""Find images that nobody has labelled: files, folders, patterns and s3:// prefixes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rcl_flow.core.datasets.dataset import DatasetImage, UnusableImage
from rcl_flow.errors import DataNotFoundError
from rcl_flow.formats.access import Access
from rcl_flow.formats.places import image_problem, is_hidden, is_image_name, name_below
from rcl_flow.formats.reading import expand
from rcl_flow.imaging.measuring import UnusableContent
from rcl_flow.pipeline.images.measuring import MeasureCache, MeasuredContent, measure_all


@dataclass(frozen=True, slots=True)
class Gathered:
    """Images without labels, ordered by place, and what cannot be used of what was found."""

    images: tuple[DatasetImage, ...]
    unusable: tuple[UnusableImage, ...]


def gather_images(places: Sequence[str], access: Access, cache: MeasureCache) -> Gathered:
    """Return every image at the places, each place of an image once.

    In folders, hidden files and files that are no images by their names are passed over.

    Args:
        places: local paths, s3:// URIs, or patterns of either.
        access: how files are reached.
        cache: knows contents that were measured before.

    Raises:
        DataNotFoundError: there is nothing at a place, or no image at any that can be used.
    """
    uris = sorted({uri for place in places for uri in _uris(place, access)})
    if not uris:
        raise DataNotFoundError(
            f"There are no images at {', '.join(places)}.",
            hint="Give image files, folders, patterns or s3:// prefixes of JPEG and PNG images.",
        )
    images: dict[str, DatasetImage] = {}
    unusable = {uri: UnusableImage(uri, problem) for uri in uris if (problem := _problem(uri))}
    usable = (uri for uri in uris if uri not in unusable)
    for uri, content in measure_all(usable, access.open_bytes, cache):
        found = _image(uri, content)
        if isinstance(found, DatasetImage):
            images[uri] = found
        else:
            unusable[uri] = found
    if not images:
        raise _nothing_usable(unusable)
    return Gathered(
        images=tuple(images[uri] for uri in sorted(images)),
        unusable=tuple(unusable[uri] for uri in sorted(unusable)),
    )


def _uris(place: str, access: Access) -> Iterator[str]:
    for found in expand(place, access):
        for uri in access.list_uris(found):
            name = name_below(uri, found)
            if uri == found or name is None or (is_image_name(uri) and not is_hidden(name)):
                yield uri


def _nothing_usable(unusable: Mapping[str, UnusableImage]) -> DataNotFoundError:
    first = unusable[min(unusable)]
    more = f" The same goes for {len(unusable) - 1} more." if len(unusable) > 1 else ""
    return DataNotFoundError(
        f"There is no image that can be used: {first.uri}: {first.reason}.{more}",
        hint="Give image files, folders, patterns or s3:// prefixes of JPEG and PNG images.",
    )


def _problem(uri: str) -> str:
    if not is_image_name(uri):
        return "it is no image by its name"
    return image_problem(uri)


def _image(uri: str, content: MeasuredContent) -> DatasetImage | UnusableImage:
    facts = content.found
    if isinstance(facts, UnusableContent):
        return UnusableImage(uri, facts.reason)
    return DatasetImage(
        uri=uri,
        sha256=content.sha256,
        size_bytes=content.size_bytes,
        image_format=facts.image_format,
        labels=(),
        width_pixels=facts.width_pixels,
        height_pixels=facts.height_pixels,
    )
