"""Make sure, before a run costs anything, that it can be logged to MLflow when it has ended."""

import importlib.util
import os
from collections.abc import Mapping
from typing import Final

from rcl_flow.config import FlowConfig
from rcl_flow.errors import ExtraMissingError

_PACKAGE: Final = "mlflow"
_SETTINGS: Final[Mapping[str, str]] = {
    # by its own defaults MLflow repeats a call for minutes, and tells its makers of its use
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
"""MLflow's own variables, set where the user has not."""


def require_tracking(config: FlowConfig, package: str = _PACKAGE) -> None:
    """Refuse a config that asks for MLflow where it is not installed, and settle how it is used.

    Args:
        config: of a run.
        package: the one that has to be there.

    Raises:
        ExtraMissingError: MLflow is not installed.
    """
    if config.tracking.mlflow_uri is None:
        return
    if importlib.util.find_spec(package) is None:
        raise ExtraMissingError(
            "The config logs runs to MLflow, and the package mlflow is not installed.",
            hint="Install it: pip install 'rcl-flow[mlflow]'; or leave `tracking.mlflow_uri` out.",
        )
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
