"""The config of a run: its schema, and the reader that names the line of every mistake."""

from rcl_flow.config.reading import parse_config
from rcl_flow.config.safety import SafetyConfig, StateConfig
from rcl_flow.config.schema import (
    AwsConfig,
    DataConfig,
    EmulatorConfig,
    FlowConfig,
    ImageSource,
    InferenceConfig,
    ModelConfig,
    StorageConfig,
    TrainingConfig,
)

__all__ = [
    "AwsConfig",
    "DataConfig",
    "EmulatorConfig",
    "FlowConfig",
    "ImageSource",
    "InferenceConfig",
    "ModelConfig",
    "SafetyConfig",
    "StateConfig",
    "StorageConfig",
    "TrainingConfig",
    "parse_config",
]
