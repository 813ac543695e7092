"""The config of the Lambda worker: an object in S3 that the function's environment names."""

import os
from pathlib import Path
from typing import Final

from rcl_flow.aws.s3 import parse_s3_uri
from rcl_flow.config import FlowConfig, parse_config
from rcl_flow.errors import ConfigError
from rcl_flow.pipeline.backend import Backend
from rcl_flow.wiring.gateways import open_s3

CONFIG_VARIABLE: Final = "RCL_FLOW_CONFIG"
_WORKSPACE: Final = Path("/tmp/rcl-flow")  # noqa: S108  # the only folder a function may write to


def read_worker_config(uri: object = None) -> FlowConfig:
    """Return the config of a tick.

    Args:
        uri: an s3:// URI; None for the one that the environment names.

    Raises:
        ConfigError: it is not named, not valid, or cannot move between machines.
        AwsRefusedError: the object cannot be read.
    """
    named = uri if isinstance(uri, str) else os.environ.get(CONFIG_VARIABLE, "")
    location = parse_s3_uri(named)
    if location is None:
        raise ConfigError(
            f"The worker's config {named!r} is not an s3:// URI.",
            hint=f"Put the config into S3 and name it in the function's {CONFIG_VARIABLE}.",
        )
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    text = open_s3(Backend(kind="aws", region=region)).get(location).decode(errors="replace")
    config = parse_config(text, file_name=named)
    if config.backend != "aws" or config.state.store != "s3":
        raise ConfigError(
            f"{named}: the worker needs `backend: aws` and `state.store: s3`.",
            hint="A function has no disk that lasts: its state lies in the bucket.",
        )
    safety = config.safety.model_copy(update={"pause_while_starting": True})
    metrics = config.metrics.model_copy(update={"format": "emf"})  # CloudWatch reads its lines
    workspace = os.environ.get("RCL_FLOW_WORKSPACE") or str(_WORKSPACE)
    return config.model_copy(update={"safety": safety, "metrics": metrics, "workspace": workspace})
