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

Each slug is a heading of docs/errors.md.
"""

from collections.abc import Sequence
from typing import ClassVar


class RclFlowError(Exception):
    """A run cannot go on; says what happened and where, and in `hint` what to do next."""

    slug: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str) -> None:
        """Keep `message` (what happened, where) and `hint` (what to do next)."""
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(RclFlowError):
    """The config or the command line is wrong."""

    slug = "config-invalid"
    exit_code = 2


class ConfigNotFoundError(ConfigError):
    """The config file does not exist or cannot be read."""

    slug = "config-not-found"


class DataNotFoundError(ConfigError):
    """A folder or manifest that the config names does not exist or holds no images."""

    slug = "data-not-found"


class AnnotationsUnreadableError(ConfigError):
    """A file of annotations is not in the form of its format."""

    slug = "annotations-unreadable"


class ConsentNeededError(ConfigError):
    """The next step costs money on real AWS and nobody agreed to it."""

    slug = "consent-needed"


class ExecutorUnavailableError(ConfigError):
    """The cluster of the executor that the config names does not answer."""

    slug = "executor-unavailable"


class ExtraMissingError(ConfigError):
    """The config asks for something that needs an optional package, which is not installed."""

    slug = "extra-missing"


class RetrainingUnderWayError(ConfigError):
    """Images were given for one retraining while another one goes on without them."""

    slug = "retraining-under-way"


class UnknownRunError(ConfigError):
    """No run of that name is in the workspace."""

    slug = "run-unknown"


class UnknownChampionError(ConfigError):
    """There is no champion to go back to, or its model is gone."""

    slug = "champion-unknown"


class ChampionProtectedError(ConfigError):
    """What is to be removed belongs to the project's champion."""

    slug = "champion-protected"


class ModelKeptError(ConfigError):
    """What is to be removed is a model that is kept running on purpose."""

    slug = "model-kept"


class DatasetGateError(RclFlowError):
    """The audit found errors in the datasets; nothing was created."""

    slug = "dataset-gate"
    exit_code = 3

    def __init__(self, message: str, *, hint: str, findings: Sequence[str] = ()) -> None:
        """Keep the findings, one sentence each, that closed the gate."""
        super().__init__(message, hint=hint)
        self.findings = tuple(findings)


class HoldoutsDifferError(DatasetGateError):
    """Two runs were judged on different images, so their scores cannot be compared."""

    slug = "holdouts-differ"


class AwsRefusedError(RclFlowError):
    """AWS answered a call with an error that repeating will not cure."""

    slug = "aws-refused"
    exit_code = 4

    def __init__(
        self, message: str, *, hint: str, operation: str, code: str, request_id: str = ""
    ) -> None:
        """Keep the operation's name, AWS's error code and its request id."""
        super().__init__(message, hint=hint)
        self.operation = operation
        self.code = code
        self.request_id = request_id


class BucketNotFoundError(AwsRefusedError):
    """The bucket of the config does not exist or belongs to somebody else."""

    slug = "bucket-not-found"


class CredentialsError(AwsRefusedError):
    """No AWS credentials were found, or AWS does not accept them."""

    slug = "aws-credentials"


class AwsUnreachableError(AwsRefusedError):
    """The endpoint did not answer, however often it was asked."""

    slug = "aws-unreachable"


class ForeignDatasetError(AwsRefusedError):
    """The project has a dataset that was not made by rcl-flow, and it will not be replaced."""

    slug = "dataset-foreign"


class EntriesRefusedError(AwsRefusedError):
    """The service cannot use entries of a dataset, or did not take them as they were sent."""

    slug = "entries-refused"

    def __init__(
        self,
        message: str,
        *,
        hint: str,
        operation: str,
        code: str,
        request_id: str = "",
        problems: Sequence[str] = (),
    ) -> None:
        """Keep one sentence for each image and code: what is wrong and what helps."""
        super().__init__(message, hint=hint, operation=operation, code=code, request_id=request_id)
        self.problems = tuple(problems)


class ForeignVersionError(AwsRefusedError):
    """The version of the wanted name was not made from the wanted content; it is not adopted."""

    slug = "version-foreign"


class CopyDiffersError(AwsRefusedError):
    """A copied model does not answer as its source does."""

    slug = "copy-differs"


class WatchdogNotArmedError(AwsRefusedError):
    """What stops the model when this machine dies could not be set up, so it was not started."""

    slug = "watchdog-not-armed"


class OutputUnreadableError(AwsRefusedError):
    """A file that the service wrote is not in the form that its documentation gives."""

    slug = "output-unreadable"


class PredictionsLostError(AwsRefusedError):
    """Too many holdout images were refused by DetectCustomLabels for an honest score."""

    slug = "predictions-lost"


class DoctorError(RclFlowError):
    """The doctor found what would keep a run from working."""

    slug = "doctor-found-problems"
    exit_code = 4


class TrainingFailedError(RclFlowError):
    """The service ended the training with TRAINING_FAILED."""

    slug = "training-failed"
    exit_code = 5

    def __init__(self, message: str, *, hint: str, explanations: Sequence[str] = ()) -> None:
        """Keep one sentence for each code that the service's validation manifests name."""
        super().__init__(message, hint=hint)
        self.explanations = tuple(explanations)


class WaitTimeoutError(RclFlowError):
    """A state of the service did not come before the deadline."""

    slug = "wait-timeout"
    exit_code = 6


class StoreError(RclFlowError):
    """The state store cannot be read or written."""

    slug = "store-broken"
    exit_code = 7


class ShardsLostError(StoreError):
    """Shards of a step were handed out again and again and have no result."""

    slug = "shards-lost"


class ChampionChangedError(StoreError):
    """The champion was changed by somebody else while a decision about it was made."""

    slug = "champion-changed"


class RunHeldError(StoreError):
    """Another run holds the lease of the project."""

    slug = "run-held"


class LeaseLostError(StoreError):
    """Another run has taken the lease over while this one was asleep or cut off."""

    slug = "lease-lost"


class BudgetExceededError(RclFlowError):
    """The run would cost, or has cost, more than its budget."""

    slug = "budget-exceeded"
    exit_code = 8


class ModelNotStoppedError(RclFlowError):
    """A model could not be confirmed as STOPPED and may go on billing."""

    slug = "model-not-stopped"
    exit_code = 9

    def __init__(self, message: str, *, hint: str, project_version_arn: str) -> None:
        """Keep the ARN of the project version that may still run."""
        super().__init__(message, hint=hint)
        self.project_version_arn = project_version_arn


class ModelNotStartedError(RclFlowError):
    """The service could not start the model."""

    slug = "model-not-started"
    exit_code = 11


class LocalFilesError(RclFlowError):
    """A local file cannot be written: disk full, read-only or not permitted."""

    slug = "local-files"
    exit_code = 12


class EmulatorUnavailableError(RclFlowError):
    """The emulator is not installed, did not start or does not answer."""

    slug = "emulator-unavailable"
    exit_code = 13
