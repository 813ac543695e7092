"""Files that the package brings along: from where it is installed, or from a checkout."""

from pathlib import Path

import rcl_flow


def shipped_text(place: str, *, in_checkout: str | None = None) -> str:
    """Return the text of a file of the package, such as docs/errors.md.

    Args:
        place: below the package, where it is installed.
        in_checkout: below the checkout; by default the same.
    """
    package = Path(rcl_flow.__file__).parent
    installed = package / place
    path = installed if installed.is_file() else package.parent / (in_checkout or place)
    return path.read_text(encoding="utf-8")
