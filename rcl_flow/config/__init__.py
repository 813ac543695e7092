"""The config of a run: its schema, and the reader that names the line of every mistake.

Each name is loaded when it is first used: who reads a manifest needs one section, and no YAML.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rcl_flow.config.data import DataConfig, ImageSource
    from rcl_flow.config.delivery import (
        ExecutorConfig,
        MetricsConfig,
        NotificationsConfig,
        TrackingConfig,
    )
    from rcl_flow.config.reading import parse_config
    from rcl_flow.config.safety import SafetyConfig, StateConfig
    from rcl_flow.config.schema import (
        AwsConfig,
        EmulatorConfig,
        FlowConfig,
        InferenceConfig,
        ModelConfig,
        StorageConfig,
        TrainingConfig,
    )

_HOMES = {
    "AwsConfig": "schema",
    "DataConfig": "data",
    "EmulatorConfig": "schema",
    "ExecutorConfig": "delivery",
    "FlowConfig": "schema",
    "ImageSource": "data",
    "InferenceConfig": "schema",
    "MetricsConfig": "delivery",
    "ModelConfig": "schema",
    "NotificationsConfig": "delivery",
    "SafetyConfig": "safety",
    "StateConfig": "safety",
    "StorageConfig": "schema",
    "TrackingConfig": "delivery",
    "TrainingConfig": "schema",
    "parse_config": "reading",
}

__all__ = [
    "AwsConfig",
    "DataConfig",
    "EmulatorConfig",
    "ExecutorConfig",
    "FlowConfig",
    "ImageSource",
    "InferenceConfig",
    "MetricsConfig",
    "ModelConfig",
    "NotificationsConfig",
    "SafetyConfig",
    "StateConfig",
    "StorageConfig",
    "TrackingConfig",
    "TrainingConfig",
    "parse_config",
]


def __getattr__(name: str) -> object:
    """Load a name from its home (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
