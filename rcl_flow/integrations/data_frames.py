"""Data frames of pandas, which is loaded only when one is wanted."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from rcl_flow.errors import ExtraMissingError

DataFrame: TypeAlias = Any
"""A `pandas.DataFrame`; the package and its types are there only with the extra `notebook`."""
_PACKAGE: Final = "pandas"


def data_frame(columns: Mapping[str, Sequence[object]], package: str = _PACKAGE) -> DataFrame:
    """Return a data frame.

    Args:
        columns: by name, all of one length.
        package: the one that has to be there.

    Raises:
        ExtraMissingError: pandas is not installed.
    """
    try:
        pandas: Any = importlib.import_module(package)
    except ImportError as error:
        raise ExtraMissingError(
            f"A data frame needs the package {package}, which is not installed.",
            hint="Install it: pip install 'rcl-flow[notebook]'; or take `columns()`, which needs "
            "nothing more.",
        ) from error
    return pandas.DataFrame(dict(columns))
