"""What the names of folders and files say that their images are for."""

import re
from collections.abc import Mapping
from typing import Final, Literal

Role = Literal["train", "val", "test", "holdout"]
_ROLES: Final[Mapping[str, Role]] = {
    "train": "train",
    "training": "train",
    "trn": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
    "tst": "test",
    "holdout": "holdout",
    "heldout": "holdout",
}
_WORD: Final = re.compile(r"[A-Za-z]+")


def role_of(path: str) -> Role | None:
    """Return what a path says that its images are for, or None where it says nothing clear."""
    roles = {role for word in _WORD.findall(path) if (role := _ROLES.get(word.lower()))}
    return roles.pop() if len(roles) == 1 else None


def is_role(folder: str) -> bool:
    """Say whether a folder's name is a role and nothing else but figures, such as `train2017`."""
    words = _WORD.findall(folder)
    return len(words) == 1 and words[0].lower() in _ROLES


def without_roles(path: str) -> str:
    """Return a path without the words for roles: what the files of several roles share."""
    return _WORD.sub(lambda word: "" if word[0].lower() in _ROLES else word[0], path)
