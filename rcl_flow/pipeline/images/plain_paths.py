"""Shorten local paths that leave a folder which they have entered, such as `a/../b.jpg`."""

import os
import posixpath

from rcl_flow.formats.places import is_s3

_UP = ".."


class PlainPaths:
    """Takes `folder/..` out of paths; where the folder is a link, that leads elsewhere, and stays.

    Each folder is looked at once, so an object of this class lasts as long as one reading.
    """

    def __init__(self) -> None:
        """Begin without having looked at any folder."""
        self._known: dict[str, str] = {}

    def __call__(self, uri: str) -> str:
        """Return a path to the same file; s3:// URIs stay."""
        if _UP not in uri or is_s3(uri):
            return uri
        folder, name = posixpath.split(uri)
        if name == _UP:
            return _plain(uri)
        if folder not in self._known:
            self._known[folder] = _plain(folder)
        return posixpath.join(self._known[folder], name)


def _plain(path: str) -> str:
    kept: list[str] = []
    for part in path.split("/"):
        before = "/".join(kept)
        if part == _UP and kept and kept[-1] not in ("", ".", _UP) and not _is_link(before):
            kept.pop()
        else:
            kept.append(part)
    return "/".join(kept) or ("/" if path.startswith("/") else ".")


def _is_link(path: str) -> bool:
    return os.path.islink(path)  # noqa: PTH114  # a text, and one of many
