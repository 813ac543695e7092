"""The error tree: every way in which a run cannot go on, with slug, exit code and hint.

RclFlowError
├── ConfigError 2            config-invalid
│   ├── ConfigNotFoundError  config-not-found
│   ├── DataNotFoundError    data-not-found
│   ├── AnnotationsUnreadableError  annotations-unreadable
│   ├── ConsentNeededError   consent-needed
│   ├── RetrainingUnderWayError  retraining-under-way
│   ├── ExecutorUnavailableError  executor-unavailable
│   ├── ExtraMissingError    extra-missing
│   ├── UnknownRunError      run-unknown
│   ├── UnknownChampionError  champion-unknown
│   ├── ChampionProtectedError  champion-protected
│   └── ModelKeptError       model-kept
├── DatasetGateError 3       dataset-gate
│   └── HoldoutsDifferError  holdouts-differ
├── AwsRefusedError 4        aws-refused
│   ├── BucketNotFoundError  bucket-not-found
│   ├── CredentialsError     aws-credentials
│   ├── AwsUnreachableError  aws-unreachable
│   ├── ForeignDatasetError  dataset-foreign
│   ├── EntriesRefusedError  entries-refused
│   ├── ForeignVersionError  version-foreign
│   ├── WatchdogNotArmedError  watchdog-not-armed
│   ├── CopyDiffersError     copy-differs
│   ├── OutputUnreadableError  output-unreadable
│   └── PredictionsLostError  predictions-lost
├── DoctorError 4            doctor-found-problems
├── TrainingFailedError 5    training-failed
├── WaitTimeoutError 6       wait-timeout
├── StoreError 7             store-broken
│   ├── ShardsLostError      shards-lost
│   ├── ChampionChangedError  champion-changed
│   ├── RunHeldError         run-held
│   └── LeaseLostError       lease-lost
├── BudgetExceededError 8    budget-exceeded
├── ModelNotStoppedError 9   model-not-stopped
├── ModelNotStartedError 11  model-not-started
├── LocalFilesError 12       local-files
└── EmulatorUnavailableError 13  emulator-unavailable

Each slug is a heading of docs/errors.md, which `rcl-flow explain SLUG` prints.
"""

from rcl_flow.errors.aws import (
    AwsRefusedError,
    AwsUnreachableError,
    BucketNotFoundError,
    CopyDiffersError,
    CredentialsError,
    DoctorError,
    EntriesRefusedError,
    ForeignDatasetError,
    ForeignVersionError,
    OutputUnreadableError,
    PredictionsLostError,
    WatchdogNotArmedError,
)
from rcl_flow.errors.config import (
    AnnotationsUnreadableError,
    ChampionProtectedError,
    ConfigError,
    ConfigNotFoundError,
    ConsentNeededError,
    DataNotFoundError,
    ExecutorUnavailableError,
    ExtraMissingError,
    ModelKeptError,
    RetrainingUnderWayError,
    UnknownChampionError,
    UnknownRunError,
)
from rcl_flow.errors.datasets import (
    DatasetGateError,
    HoldoutsDifferError,
)
from rcl_flow.errors.models import (
    BudgetExceededError,
    ModelNotStartedError,
    ModelNotStoppedError,
    TrainingFailedError,
    WaitTimeoutError,
)
from rcl_flow.errors.root import (
    RclFlowError,
)
from rcl_flow.errors.state import (
    ChampionChangedError,
    EmulatorUnavailableError,
    LeaseLostError,
    LocalFilesError,
    RunHeldError,
    ShardsLostError,
    StoreError,
)

__all__ = [
    "AnnotationsUnreadableError",
    "AwsRefusedError",
    "AwsUnreachableError",
    "BucketNotFoundError",
    "BudgetExceededError",
    "ChampionChangedError",
    "ChampionProtectedError",
    "ConfigError",
    "ConfigNotFoundError",
    "ConsentNeededError",
    "CopyDiffersError",
    "CredentialsError",
    "DataNotFoundError",
    "DatasetGateError",
    "DoctorError",
    "EmulatorUnavailableError",
    "EntriesRefusedError",
    "ExecutorUnavailableError",
    "ExtraMissingError",
    "ForeignDatasetError",
    "ForeignVersionError",
    "HoldoutsDifferError",
    "LeaseLostError",
    "LocalFilesError",
    "ModelKeptError",
    "ModelNotStartedError",
    "ModelNotStoppedError",
    "OutputUnreadableError",
    "PredictionsLostError",
    "RclFlowError",
    "RetrainingUnderWayError",
    "RunHeldError",
    "ShardsLostError",
    "StoreError",
    "TrainingFailedError",
    "UnknownChampionError",
    "UnknownRunError",
    "WaitTimeoutError",
    "WatchdogNotArmedError",
]
