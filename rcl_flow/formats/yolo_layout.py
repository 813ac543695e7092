"""How a YOLO dataset lies in its folder: the labels' names, and each image with its text file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.documents import decode_text, parse_yaml
from rcl_flow.formats.fields import Entry, mapping_of, number_from, shown
from rcl_flow.formats.moved_names import as_found
from rcl_flow.formats.places import folder_of, image_at, is_image_name, join, suffix_of
from rcl_flow.formats.problems import AnnotationProblemError

SPLITS: Final = ("train", "val", "test")
IMAGES_KEY: Final = "rcl_flow_images"
"""Our own key of data.yaml: where the images of `images/` are, when they were not copied there."""
DESCRIPTIONS: Final = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
CLASSES: Final = "classes.txt"
_ANY_NAME: Final = "any.png"


@dataclass(frozen=True, slots=True)
class ListedImage:
    """An image, and the text file of its boxes where there is one."""

    uri: str
    label_uri: str | None


@dataclass(frozen=True, slots=True)
class YoloLayout:
    """A dataset that was found."""

    names: Mapping[int, str]
    """The labels by their numbers."""
    splits: tuple[str, ...]
    """The splits that were read, one for each place that they name."""
    images: Sequence[ListedImage]
    has_keypoints: bool
    """Whether lines go on with key points after the box."""
    absent: Mapping[str, str] = field(default_factory=dict)
    """The splits of which nothing is there, and what was looked for, in words."""
    texts_alone: tuple[str, ...] = ()
    """Text files of boxes beside which there is no image."""


class NothingThereError(AnnotationProblemError):
    """A place that data.yaml names is not there."""


def read_layout(uri: str, access: Access, options: SourceOptions) -> YoloLayout:
    """Find the images of the dataset that data.yaml, or a folder with one, describes.

    Raises:
        AnnotationProblemError: it is no YOLO dataset.
    """
    description = find_description(uri, access)
    if description is None or description.endswith(CLASSES):
        return _bare_layout(description, access)
    document = mapping_of(parse_yaml(access.open_bytes(description)), "it")
    splits = tuple(split for split in SPLITS if document.get(split))
    if options.split is not None:
        splits = tuple(split for split in splits if split == options.split)
    if not splits:
        wanted = options.split or "train, val or test"
        raise AnnotationProblemError(f"it names no images for {wanted}")
    finder = _Finder(access, folder_of(description), document, options.images)
    names = _names(document.get("names"))
    found, absent = _found(finder, {split: document[split] for split in splits})
    distinct = {str(document[split]): split for split in reversed(splits) if split not in absent}
    return YoloLayout(
        names=names,
        splits=tuple(sorted(distinct.values())),
        images=tuple(found.values()),
        has_keypoints="kpt_shape" in document,
        absent=absent,
        texts_alone=finder.texts_alone(),
    )


def find_description(uri: str, access: Access) -> str | None:
    """Return the data.yaml or classes.txt that `uri` is or that lies in it, or None."""
    if suffix_of(uri) in (".yaml", ".yml") or uri.endswith(CLASSES):
        return uri
    for name in (*DESCRIPTIONS, CLASSES):
        candidate = join(uri, name)
        if candidate in access.list_uris(candidate):
            return candidate
    return None


def label_uri(image_uri: str) -> str:
    """Return where an image's text file is: `labels` in place of the last folder `images`.

    That is the rule of YOLO's own tools.
    """
    # a path from the current folder on may begin with `images`
    head, separator, tail = f"/{image_uri}".rpartition("/images/")
    swapped = f"{head}/labels/{tail}"[1:] if separator else image_uri
    return swapped.removesuffix(suffix_of_as_is(swapped)) + ".txt"


def suffix_of_as_is(uri: str) -> str:
    """Return the extension with its dot, in the letters that it has."""
    suffix = suffix_of(uri)
    return uri[len(uri) - len(suffix) :] if suffix else ""


def _found(finder: "_Finder", places: Entry) -> tuple[dict[str, ListedImage], dict[str, str]]:
    """Return the images of splits by their URIs, and the splits of which nothing is there.

    Raises:
        NothingThereError: nothing is there of any, or a part of a split is not there.
    """
    images: dict[str, ListedImage] = {}
    absent: dict[str, str] = {}
    for split, place in places.items():
        try:
            images.update((image.uri, image) for image in finder.images(place))
        except NothingThereError as problem:
            absent[split] = str(problem)
            in_parts = isinstance(place, list) and len(place) > 1  # others of which may be there
            if in_parts or len(absent) == len(places):
                raise
    return images, absent


class _Finder:
    """Finds images and text files, and lists each folder once."""

    def __init__(self, access: Access, folder: str, document: Entry, images: str | None) -> None:
        root = document.get("path")
        told = document.get(IMAGES_KEY)
        self._access = access
        self._roots = [join(folder, root)] if isinstance(root, str) and root else []
        self._roots.append(folder or ".")
        self._images = images
        if images is None and isinstance(told, str):
            self._images = join(folder, told)
        self._listings: dict[str, frozenset[str]] = {}
        self._text_folders: set[str] = set()
        """Those that hold nothing but the text files of the images of one folder."""
        self._used: set[str] = set()

    def images(self, value: object) -> Iterator[ListedImage]:
        """Yield the images of one split: a folder, a list file, or several of them."""
        for place in value if isinstance(value, list) else [value]:
            if not isinstance(place, str) or not place or "\0" in place:
                raise AnnotationProblemError(f"its images are {shown(place)} and no folder")
            found, uris = self._first_found(place)
            if suffix_of(place) == ".txt":
                yield from self._listed(found)
            else:
                texts = folder_of(label_uri(join(found, _ANY_NAME)))
                self._text_folders.update({texts} - {found})
                for uri in uris:
                    if is_image_name(uri):
                        yield self._with_labels(uri, uri)

    def texts_alone(self) -> tuple[str, ...]:
        """Return the text files that no image of `images` has, sorted."""
        texts = {uri for folder in self._text_folders for uri in self._listing(folder)}
        boxes = (uri for uri in texts if suffix_of(uri) == ".txt" and not uri.endswith(CLASSES))
        return tuple(sorted(set(boxes) - self._used))

    def _first_found(self, place: str) -> tuple[str, Sequence[str]]:
        # exports of Roboflow say ../train/images and mean train/images
        places = [place, place.removeprefix("../")]
        candidates = [join(root, one) for one in places for root in self._roots]
        for candidate in candidates:
            uris = self._access.list_uris(candidate)
            if uris:
                return candidate, uris
        raise NothingThereError(f"there is nothing at {candidates[0]}")

    def _listed(self, uri: str) -> Iterator[ListedImage]:
        lines = decode_text(self._access.open_bytes(uri)).splitlines()
        for line in filter(None, (line.strip() for line in lines)):
            told = image_at(folder_of(uri), line.removeprefix("./"))
            here = as_found(told, self._access)
            below = _below_images(line if here == told else here)
            yield self._with_labels(here, join(self._images, below) if self._images else here)

    def _with_labels(self, here: str, image_uri: str) -> ListedImage:
        labels = label_uri(here)
        self._used.add(labels)
        has_labels = labels in self._listing(folder_of(labels))
        return ListedImage(image_uri, labels if has_labels else None)

    def _listing(self, folder: str) -> frozenset[str]:
        if folder not in self._listings:
            self._listings[folder] = frozenset(self._access.list_uris(folder))
        return self._listings[folder]


def _below_images(image: str) -> str:
    """Return the path of an image from the folder `images` on, which it may be below twice."""
    name = image.removeprefix("./")
    if name.startswith("images/"):
        return name.removeprefix("images/")
    return f"/{name}".rpartition("/images/")[2]


def _bare_layout(classes: str | None, access: Access) -> YoloLayout:
    """Return the layout of `images/`, `labels/` and classes.txt, as labelling tools export it."""
    if classes is None:
        raise AnnotationProblemError(f"it has neither {DESCRIPTIONS[0]} nor {CLASSES}")
    folder = folder_of(classes)
    names = decode_text(access.open_bytes(classes)).splitlines()
    finder = _Finder(access, folder, {}, None)
    return YoloLayout(
        names={number: name for number, name in enumerate(names) if name},
        splits=("images",),
        images=tuple(finder.images("images")),
        has_keypoints=False,
        texts_alone=finder.texts_alone(),
    )


def _names(value: object) -> dict[int, str]:
    pairs = value.items() if isinstance(value, dict) else enumerate(_name_list(value))
    names: dict[int, str] = {}
    for number, name in pairs:
        if not isinstance(name, str) or not name:
            raise AnnotationProblemError(f"its names have {shown(name)}, which is no text")
        names[int(number_from(number, "a number of its names"))] = _whole(name)
    return names


def _whole(name: str) -> str:
    """Return a name with its surrogates joined, which YAML that JSON was put into has apart."""
    try:
        return name.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise AnnotationProblemError(f"its name {shown(name)} is no text") from error


def _name_list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise AnnotationProblemError("its names are neither a list nor a mapping")
    return value
