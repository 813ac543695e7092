"""A config that is fit for every schedule."""

from typing import Any

import yaml

from rcl_flow.config import FlowConfig, parse_config

ROLE = "arn:aws:iam::123456789012:role/parts-watchdog"


def scheduled(**sections: Any) -> FlowConfig:  # noqa: ANN401  # sections of a YAML file
    """Return a config whose data and state lie in S3; `sections` replace or add whole sections."""
    data = {name: {"manifest": f"s3://parts/data/{name}.manifest"} for name in ("train", "test")}
    config = {
        "project": "parts",
        "backend": "aws",
        "storage": {"bucket": "parts"},
        "state": {"store": "s3"},
        "data": data | {"holdout": {"manifest": "s3://parts/holdout/real.manifest"}},
        "safety": {"watchdog_role_arn": ROLE},
    }
    return parse_config(yaml.safe_dump(config | sections))
