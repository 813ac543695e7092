"""What the gateway to Rekognition answers with, in place of boto's dictionaries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rcl_flow.aws.s3 import S3Location

TRAINING: Final = frozenset({"TRAINING_IN_PROGRESS"})
COPYING: Final = frozenset({"COPYING_IN_PROGRESS"})
STARTING: Final = frozenset({"STARTING"})
STOPPING: Final = frozenset({"STOPPING"})
UP: Final = frozenset({"STARTING", "RUNNING"})
"""The model runs, or is about to."""
BILLING: Final = UP | STOPPING
"""The model costs money, as far as is known: AWS does not say of the two states around RUNNING."""
DATASET_WORKING: Final = frozenset({"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"})
DATASET_USABLE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
DATASET_FAILED: Final = frozenset({"CREATE_FAILED", "UPDATE_FAILED"})
DATASET_DELETING: Final = frozenset({"DELETE_IN_PROGRESS"})
TRAINED: Final = frozenset(
    {
        "TRAINING_COMPLETED",
        "COPYING_COMPLETED",
        "STARTING",
        "RUNNING",
        "STOPPING",
        "STOPPED",
        "FAILED",
    }
)
"""Every state of a version that has a model; `FAILED` is a start that failed.

Source: botocore's service model, ProjectVersionStatus (1.44.5).
"""


@dataclass(frozen=True, slots=True)
class DatasetReference:
    """A project's dataset as the project's description lists it."""

    arn: str
    dataset_type: str
    """`TRAIN` or `TEST`."""
    status: str


@dataclass(frozen=True, slots=True)
class ProjectDescription:
    """A project and its datasets."""

    arn: str
    status: str
    datasets: tuple[DatasetReference, ...]


@dataclass(frozen=True, slots=True)
class DatasetDescription:
    """The state of a dataset."""

    status: str
    status_message: str
    total_entries: int
    error_entries: int


@dataclass(frozen=True, slots=True)
class VersionDescription:
    """The state of a project version; locations are None until training has written them."""

    arn: str
    name: str
    status: str
    status_message: str
    created_at: datetime
    training_seconds_billed: int
    summary: S3Location | None
    test_snapshot: S3Location | None
    manifest_summary: S3Location | None
    train_validation: S3Location | None
    test_validation: S3Location | None
    inference_units: int = 0
    """What the last start asked for at least; 0 before the first."""
    source_version_arn: str = ""
    """Of the version that it is a copy of; empty for one that was trained."""
