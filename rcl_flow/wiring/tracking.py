"""Make sure, before a run costs anything, that it can be logged to MLflow when it has ended."""

import importlib.util
import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from rcl_flow.config import FlowConfig
from rcl_flow.errors import ConfigError, ExtraMissingError

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
        ConfigError: the address holds a password, which every report would show.
    """
    uri = config.tracking.mlflow_uri
    if uri is None:
        return
    if _has_password(uri):
        raise ConfigError(
            "'tracking.mlflow_uri' holds a user or a password.",
            hint="Leave it out, and set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or "
            "MLFLOW_TRACKING_TOKEN, in the environment.",
        )
    if importlib.util.find_spec(package) is None:
        raise ExtraMissingError(
            "The config logs runs to MLflow, and the package mlflow is not installed.",
            hint="Install it: pip install 'rcl-flow[mlflow]'; or leave `tracking.mlflow_uri` out.",
        )
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)


def _has_password(uri: str) -> bool:
    try:
        return "@" in urlsplit(uri).netloc
    except ValueError:
        return True
