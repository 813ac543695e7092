"""Labels and names of files as a person reads them in a sentence or a table."""

import unicodedata
from collections.abc import Iterable
from typing import Final

_JOINER: Final = "\u200d"
"""Joins several emoji to one, and is not seen itself."""
_SPACE: Final = "Zs"
"""Unicode's category of spaces; ends of lines and of paragraphs are others."""
_LONGEST: Final = 36
_SHOWN: Final = 5


def visible_label(label: str) -> str:
    """Return the label, in quotation marks where its spaces or its spelling would be overlooked.

    `scratch ` and `scratch` are two labels, and look like one. So do two spellings of one accent
    in Unicode: file systems of a Mac and of others write them differently.
    """
    if unicodedata.normalize("NFC", label) != label:
        return ascii(label)
    seen = label == " ".join(label.split()) and label.replace(_JOINER, "").isprintable()
    return label if label and seen else repr(label)


def short_label(label: str) -> str:
    """Return the label as it is seen, cut where it would be too wide for a table."""
    shown = visible_label(label)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def some(texts: Iterable[str]) -> str:
    """Return the first few texts, and how many more there are."""
    every = list(texts)
    shown = ", ".join(every[:_SHOWN])
    return shown if len(every) <= _SHOWN else f"{shown} and {len(every) - _SHOWN} more"


def plain_text(text: str) -> str:
    """Return text that cannot steer the terminal, whatever file names and labels hold.

    Spaces of every width stay, such as a Mac writes before PM into the names of screenshots: else
    the name could not be copied.
    """
    return "".join(letter if _is_harmless(letter) else "�" for letter in text)


def _is_harmless(letter: str) -> bool:
    return letter.isprintable() or letter == _JOINER or unicodedata.category(letter) == _SPACE
