"""The one table that turns botocore's errors into ours.

Source: Rekognition developer guide, "Error handling" (archived text, read 2026-11-23).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
)

from rcl_flow.errors import (
    AwsRefusedError,
    AwsUnreachableError,
    BucketNotFoundError,
    CredentialsError,
)

THROTTLED: Final = frozenset(
    {
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "Throttling",
        "TooManyRequestsException",
        "SlowDown",
        "RequestLimitExceeded",
    }
)
_BAD_CREDENTIALS: Final = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
    }
)
_HINTS: Final = {
    "AccessDeniedException": "Allow this action for the caller; see docs/errors.md#aws-refused.",
    "AccessDenied": "Allow this action for the caller; see docs/errors.md#aws-refused.",
    "LimitExceededException": "A quota of the account is reached: wait for other trainings and "
    "models to end, delete what is not needed, or ask AWS for more.",
    "ServiceQuotaExceededException": "A quota of the account is reached: delete what is not "
    "needed, or ask AWS for more.",
    "ResourceInUseException": "Something else uses or changes the resource; wait and repeat.",
    "ResourceNotFoundException": "It was deleted, or belongs to another account or region.",
    "InvalidS3ObjectException": "The service must be able to read the object: same region, and "
    "the caller's permissions on bucket, object and KMS key.",
}
_SERVER_ERROR: Final = 500
_CREDENTIALS_ERRORS: Final = (
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
)


def code_of(error: ClientError) -> str:
    """Return the error's code, such as `ThrottlingException`."""
    return error.response.get("Error", {}).get("Code", "Unknown")


def is_throttled(error: BaseException) -> bool:
    """Say whether the call was turned away unexecuted because there were too many."""
    return isinstance(error, ClientError) and code_of(error) in THROTTLED


def is_lost(error: BaseException) -> bool:
    """Say whether the call may or may not have been executed: repeating it may do it twice."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= _SERVER_ERROR and not is_throttled(error)
    return isinstance(error, ConnectionError | HTTPClientError)


@contextmanager
def aws_errors(operation: str) -> Iterator[None]:
    """Turn whatever botocore raises in the block into an error of our tree.

    Raises:
        AwsRefusedError: or the one of its kinds that fits.
    """
    try:
        yield
    except ClientError as error:
        raise _from_client_error(error, operation) from error
    except _CREDENTIALS_ERRORS as error:
        raise CredentialsError(
            f"{operation}: {error}",
            hint="Log in (`aws sso login`), set AWS_PROFILE or `aws.profile`, or use "
            "`backend: emulator`.",
            operation=operation,
            code=type(error).__name__,
        ) from error
    except BotoCoreError as error:
        raise AwsUnreachableError(
            f"{operation}: no answer: {error}",
            hint="Check the network, the region and `aws.endpoint_url`, then run the same "
            "command again: it resumes.",
            operation=operation,
            code=type(error).__name__,
        ) from error


def _from_client_error(error: ClientError, operation: str) -> AwsRefusedError:
    code = code_of(error)
    message = error.response.get("Error", {}).get("Message", "")
    request_id = str(error.response.get("ResponseMetadata", {}).get("RequestId", ""))
    kind: type[AwsRefusedError] = AwsRefusedError
    hint = _HINTS.get(code, "See docs/errors.md#aws-refused.")
    if code == "NoSuchBucket":
        kind, hint = BucketNotFoundError, "Create the bucket or correct `storage.bucket`."
    elif code in _BAD_CREDENTIALS:
        kind, hint = CredentialsError, "Log in again; AWS does not accept these credentials."
    return kind(
        f"{operation}: AWS answered {code}: {message}",
        hint=hint,
        operation=operation,
        code=code,
        request_id=request_id,
    )
