"""The config of a run: its schema, and the reader that names the line of every mistake."""

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
