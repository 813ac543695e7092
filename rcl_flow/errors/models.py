"""A training or a model that did not do what it should, in time or for its budget."""

from collections.abc import Sequence

from rcl_flow.errors.root import RclFlowError


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
