"""The config of the Lambda worker: an object in S3 that the function's environment names."""

import os
from pathlib import Path
from typing import Final

from rcl_flow.aws.s3 import S3, parse_s3_uri
from rcl_flow.config import FlowConfig, parse_config
from rcl_flow.errors import ConfigError
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.wiring.gateways import open_s3
from rcl_flow.wiring.regions import usual_region

CONFIG_VARIABLE: Final = "RCL_FLOW_CONFIG"
_WORKSPACE: Final = Path("/tmp/rcl-flow")  # noqa: S108  # the only folder a function may write to


class WorkerConfigs:
    """Reads configs with one client, which lasts as long as the function is warm."""

    def __init__(self) -> None:
        """Make no client before one is needed."""
        self._s3: S3 | None = None

    def read(self) -> FlowConfig:
        """Return the config that the environment names, as it is now.

        Raises:
            ConfigError: it is not named, not valid, or cannot move between machines.
            AwsRefusedError: the object cannot be read.
        """
        named = os.environ.get(CONFIG_VARIABLE, "")
        location = parse_s3_uri(named)
        if location is None:
            raise ConfigError(
                f"The worker's config {named!r} is not an s3:// URI.",
                hint=f"Put the config into S3 and name it in the function's {CONFIG_VARIABLE}.",
            )
        if self._s3 is None:
            self._s3 = open_s3(Backend(kind="aws", region=usual_region()))
        text = self._s3.get(location).decode(errors="replace")
        return _prepared(parse_config(text, file_name=named, environment=os.environ), named)


def _prepared(config: FlowConfig, named: str) -> FlowConfig:
    """Return the config as a function has to follow it.

    Raises:
        ConfigError: it cannot move between machines.
    """
    if config.backend != "aws" or config.state.store != "s3":
        raise ConfigError(
            f"{named}: the worker needs `backend: aws` and `state.store: s3`.",
            hint="Set both in the config: a function has no disk that lasts.",
        )
    safety = config.safety.model_copy(update={"pause_while_starting": True})
    metrics = config.metrics.model_copy(update={"format": "emf"})  # CloudWatch reads its lines
    workspace = os.environ.get("RCL_FLOW_WORKSPACE") or str(_WORKSPACE)
    return config.model_copy(update={"safety": safety, "metrics": metrics, "workspace": workspace})
