"""What AWS refused, and what it holds that is not as this run needs it."""

from collections.abc import Sequence

from rcl_flow.errors.root import RclFlowError


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
