"""Files that the package brings along: from where it is installed, or from a checkout."""

from pathlib import Path

import rcl_flow


def shipped_text(place: str) -> str:
    """Return the text of a file, such as docs/errors.md, at the same place in both."""
    package = Path(rcl_flow.__file__).parent
    installed = package / place
    path = installed if installed.is_file() else package.parent / place
    return path.read_text(encoding="utf-8")
