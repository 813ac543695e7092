"""What the columns of a CSV file of annotations mean: told by the user, or by their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rcl_flow.errors import ConfigError
from rcl_flow.formats.problems import AnnotationProblemError

BoxForm = Literal["sides", "corners"]
SIDES: Final = ("left", "top", "width", "height")
CORNERS: Final = ("xmin", "ymin", "xmax", "ymax")
SIZE: Final = ("image_width", "image_height")
_KEYS: Final = ("image", "label", "separator", "delimiter", *SIDES, *CORNERS, *SIZE)
_NAMED_SIGNS: Final = {"tab": "\t", "comma": ",", "semicolon": ";", "space": " "}
_IMAGE_NAMES: Final = ("image", "filename", "file_name", "image_path", "source-ref", "uri")
_LABEL_NAMES: Final = ("label", "labels", "class", "class_name")


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Columns by their names in the first row, or by their numbers (from 1) without such a row."""

    image: str
    labels: tuple[str, ...]
    separator: str = ""
    """What stands between several labels in one column."""
    box: tuple[str, ...] = ()
    """The four columns of a box, in the order of `SIDES` or `CORNERS`."""
    box_form: BoxForm = "sides"
    size: tuple[str, ...] = ()
    """The columns of the image's width and height."""
    delimiter: str = ""
    """What stands between columns; an empty text for what the first row tells."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are named."""
        return (self.image, *self.labels, *self.box, *self.size)

    @property
    def has_header(self) -> bool:
        """Whether the first row names the columns: not when all are told by number."""
        return not all(column.isdecimal() for column in self.columns)


def parse_mapping(text: str) -> ColumnMapping:
    """Return the mapping that `key=column,key=column` tells; `label` may stand several times.

    Raises:
        AnnotationProblemError: a key is unknown, or something is missing.
    """
    pairs = [_pair(part) for part in text.split(",")]
    told = dict(pairs)
    labels = tuple(value for key, value in pairs if key == "label")
    if "image" not in told or not labels:
        raise AnnotationProblemError("it needs image=COLUMN and label=COLUMN")
    box, form = _box_columns(told)
    if any(key in told for key in (*SIDES, *CORNERS)) and not box:
        raise AnnotationProblemError(f"a box needs {', '.join(SIDES)} or {', '.join(CORNERS)}")
    return ColumnMapping(
        image=told["image"],
        labels=labels,
        separator=_NAMED_SIGNS.get(told.get("separator", ""), told.get("separator", "")),
        box=box,
        box_form=form,
        size=_all_of(told, SIZE),
        delimiter=_delimiter(told["delimiter"]) if "delimiter" in told else "",
    )


def told_mapping(option: str, text: str) -> ColumnMapping:
    """Return the mapping that an option of a command tells.

    Args:
        option: its name, for the message.
        text: as `parse_mapping` takes it.

    Raises:
        ConfigError: a key is unknown, or something is missing.
    """
    try:
        return parse_mapping(text)
    except AnnotationProblemError as problem:
        raise ConfigError(
            f"{option} {text!r}: {problem}.",
            hint=f"For example: {option} 'image=file,label=class,separator=;'; "
            "`rcl-flow explain csv` has all keys.",
        ) from problem


def mapping_of_header(header: Sequence[str]) -> ColumnMapping | None:
    """Return the mapping that well-known column names tell; None where there are none."""
    names = {name.strip().lower(): name for name in header}
    image = next((names[name] for name in _IMAGE_NAMES if name in names), None)
    labels = tuple(names[name] for name in _LABEL_NAMES if name in names)
    if image is None or not labels:
        return None
    box, form = _box_columns(names)
    size = _all_of(names, SIZE)
    if form == "corners" and not size:
        # the layout of TensorFlow's examples, where these are the image's own
        size = _all_of(names, ("width", "height"))
    return ColumnMapping(image, labels[:1], box=box, box_form=form, size=size)


def _pair(part: str) -> tuple[str, str]:
    key, separator, value = part.partition("=")
    if not separator or not value:
        raise AnnotationProblemError(f"{part!r} is not of the form key=column")
    if key not in _KEYS:
        raise AnnotationProblemError(f"unknown key {key!r}; known: {', '.join(_KEYS)}")
    return key, value


def _box_columns(told: Mapping[str, str]) -> tuple[tuple[str, ...], BoxForm]:
    corners = _all_of(told, CORNERS)
    return (corners, "corners") if corners else (_all_of(told, SIDES), "sides")


def _all_of(told: Mapping[str, str], keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(told[key] for key in keys) if all(key in told for key in keys) else ()


def _delimiter(text: str) -> str:
    delimiter = _NAMED_SIGNS.get(text, text)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise AnnotationProblemError("the delimiter is one character, `tab` or `comma`")
    return delimiter
