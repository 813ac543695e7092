"""Whether files can go where somebody wants them: asked before the work that makes them."""

from pathlib import Path
from typing import Final

from rcl_flow.errors import ConfigError

OTHER_FOLDER: Final = "Name another folder with --out, or leave it out."


def require_folder(target: Path) -> None:
    """Refuse a place that is a file, or lies below one; a folder that is yet to be made is fine.

    Raises:
        ConfigError: no folder can be there.
    """
    found = next(path for path in (target, *target.absolute().parents) if path.exists())
    if not found.is_dir():
        raise ConfigError(f"{found} is a file, not a folder.", hint=OTHER_FOLDER)
