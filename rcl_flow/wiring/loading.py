"""Load a config for a program."""

import warnings
from collections.abc import Sequence
from pathlib import Path

from rcl_flow.config import FlowConfig
from rcl_flow.wiring.config_files import read_config_files


def load_config(
    path: str | Path, overrides: Sequence[str] = (), *, overlays: Sequence[str | Path] = ()
) -> FlowConfig:
    """Load a config file; relative paths of its data start at the folder of the file.

    `${NAME}` in it stands for a variable of the environment. A field that is given under an old
    name is read, with a `FutureWarning`.

    Args:
        path: the YAML file.
        overrides: `section.field=value`, which win over all files; each value is read as YAML.
        overlays: files that are laid over it, in this order.

    Raises:
        ConfigNotFoundError: a file cannot be read.
        ConfigError: the config is not valid; the message has a line for each mistake.

    Example:
        >>> from rcl_flow import load_config
        >>> config = load_config("rcl-flow.yaml", overrides=["gates.min_holdout_f1=0.9"])
        >>> config.project, config.gates.min_holdout_f1
        ('digits', 0.9)
    """
    files = [overlays] if isinstance(overlays, str | Path) else overlays
    changes = [overrides] if isinstance(overrides, str) else overrides
    read = read_config_files(Path(path), [Path(overlay) for overlay in files], changes)
    warn_of(read.warnings)
    return read.config


def warn_of(told: Sequence[str]) -> None:
    """Warn the caller's caller of each; `FutureWarning`, since a config is its user's to change."""
    for sentence in told:
        warnings.warn(sentence, FutureWarning, stacklevel=3)
