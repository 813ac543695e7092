"""What this program writes beside images, which annotates none."""

from collections.abc import Sequence
from typing import Final

from rcl_flow.formats.places import is_hidden, name_below

_CONFIG: Final = "rcl-flow.yaml"
_FILES: Final = (_CONFIG, "flow.schema.json")
_SPLITS: Final = "splits/"
_DEEPEST: Final = 1
"""Folders between the place and a config of ours, as for files of annotations."""


def foreign_names(place: str, listed: Sequence[str]) -> dict[str, str]:
    """Return the files by their paths below the place, without hidden ones and our own.

    Args:
        place: a folder.
        listed: the URIs of its files.
    """
    names = {name: uri for uri in listed if (name := name_below(uri, place)) is not None}
    folders = [
        name.removesuffix(_CONFIG)
        for name in names
        if f"/{name}".endswith(f"/{_CONFIG}") and name.count("/") <= _DEEPEST
    ]
    splits = tuple(f"{folder}{_SPLITS}" for folder in folders)
    own = {f"{folder}{name}" for folder in ("", *folders) for name in _FILES}
    return {
        name: uri
        for name, uri in names.items()
        if name not in own and not name.startswith(splits) and not is_hidden(name)
    }
