"""The one table that turns botocore's errors into ours, and says of which kind each is.

Source: Rekognition developer guide, "Error handling" (archived text, read 2026-11-23).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from rcl_flow.errors import (
    AwsRefusedError,
    AwsUnreachableError,
    BucketNotFoundError,
    CredentialsError,
    DataNotFoundError,
)


class Failure(StrEnum):
    """Why a call failed, as far as it decides what to do next."""

    THROTTLED = "throttled"
    """Turned away unexecuted because there were too many: repeat, more slowly."""
    SERVER = "server"
    """A fault on AWS's side; it may have been executed."""
    LOST = "lost"
    """No answer came; it may have been executed."""
    LIMIT = "limit"
    """A quota is used up: wait until something ends; repeating at once does not help."""
    IN_USE = "in_use"
    """Something else uses or changes the resource, or its name is taken."""
    NOT_READY = "not_ready"
    """The resource is not in a state in which it can do that."""
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    """It is there already, or was changed in between; nothing was written."""
    DENIED = "denied"
    """The caller lacks a permission."""
    CREDENTIALS = "credentials"
    """There are no credentials, or they are not accepted."""
    REFUSED = "refused"
    """Any other answer: the request is wrong."""


_CODES: Final = {
    "ThrottlingException": Failure.THROTTLED,
    "Throttling": Failure.THROTTLED,
    "ThrottledException": Failure.THROTTLED,
    "ProvisionedThroughputExceededException": Failure.THROTTLED,
    "TooManyRequestsException": Failure.THROTTLED,
    "SlowDown": Failure.THROTTLED,
    "RequestLimitExceeded": Failure.THROTTLED,
    "RequestTimeout": Failure.LOST,
    "InternalServerError": Failure.SERVER,
    "InternalServerException": Failure.SERVER,
    "InternalError": Failure.SERVER,
    "InternalFailure": Failure.SERVER,
    "ServiceUnavailable": Failure.SERVER,
    "LimitExceededException": Failure.LIMIT,
    "ServiceQuotaExceededException": Failure.LIMIT,
    "ResourceInUseException": Failure.IN_USE,
    "ResourceNotReadyException": Failure.NOT_READY,
    "ResourceNotFoundException": Failure.NOT_FOUND,
    "NoSuchKey": Failure.NOT_FOUND,
    "NoSuchBucket": Failure.NOT_FOUND,
    "404": Failure.NOT_FOUND,
    "ConflictException": Failure.CONFLICT,
    "ResourceAlreadyExistsException": Failure.CONFLICT,
    "PreconditionFailed": Failure.CONFLICT,
    "ConditionalRequestConflict": Failure.CONFLICT,
    "OperationAborted": Failure.CONFLICT,
    "AccessDeniedException": Failure.DENIED,
    "AccessDenied": Failure.DENIED,
    "403": Failure.DENIED,
    "UnrecognizedClientException": Failure.CREDENTIALS,
    "InvalidClientTokenId": Failure.CREDENTIALS,
    "ExpiredToken": Failure.CREDENTIALS,
    "ExpiredTokenException": Failure.CREDENTIALS,
    "InvalidToken": Failure.CREDENTIALS,
    "InvalidAccessKeyId": Failure.CREDENTIALS,
    "SignatureDoesNotMatch": Failure.CREDENTIALS,
    "InvalidSignatureException": Failure.CREDENTIALS,
    "MissingAuthenticationTokenException": Failure.CREDENTIALS,
    "RequestTimeTooSkewed": Failure.CREDENTIALS,
    "RequestExpired": Failure.CREDENTIALS,
}
"""What a code means, whatever its HTTP status; `ThrottlingException` comes with 500 as well."""

_HINTS: Final = {
    "LimitExceededException": "A quota of the account is reached: wait for other trainings and "
    "models to end, delete what is not needed, or ask AWS for more.",
    "ServiceQuotaExceededException": "A quota of the account is reached: delete what is not "
    "needed, or ask AWS for more.",
    "ResourceInUseException": "Something else uses or changes the resource; wait and repeat.",
    "ResourceNotFoundException": "It was deleted, or belongs to another account or region.",
    "InvalidS3ObjectException": "The service must be able to read the object: same region, and "
    "the caller's permissions on bucket, object and KMS key.",
}
_DENIED_HINT: Final = (
    "Allow this action for the caller; `rcl-flow doctor CONFIG` finds all that are missing."
)
_BUSY_HINT: Final = "AWS was asked too often for minutes; run the same command again: it resumes."
_CLOCK_HINT: Final = "This machine's clock is wrong by minutes; set it, then run the command again."
_LOGIN_HINT: Final = (
    "Log in (`aws sso login`), set AWS_PROFILE or `aws.profile`, or use `backend: emulator`."
)
_BUCKET_HINT: Final = (
    "Create the bucket, or correct its name where the config or the command names it: "
    "`storage.bucket`, or an s3:// place of `data`."
)
_KIND_HINTS: Final = {Failure.DENIED: _DENIED_HINT, Failure.THROTTLED: _BUSY_HINT}
_SERVER_ERROR: Final = 500
_CREDENTIALS_ERRORS: Final = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)


def code_of(error: ClientError) -> str:
    """Return the error's code, such as `ThrottlingException`."""
    return error.response.get("Error", {}).get("Code", "Unknown")


def classify(error: BaseException) -> Failure:
    """Return why a call failed, from botocore's error or from ours."""
    if isinstance(error, AwsRefusedError):
        cause = error.__cause__
        if isinstance(cause, ClientError | BotoCoreError):
            return classify(cause)
        return _CODES.get(error.code, Failure.REFUSED)
    if isinstance(error, ClientError):
        return _classify_answer(error)
    if isinstance(error, _CREDENTIALS_ERRORS):
        return Failure.CREDENTIALS
    lost = isinstance(error, ConnectionError | HTTPClientError | IncompleteReadError)
    return Failure.LOST if lost else Failure.REFUSED


def _classify_answer(error: ClientError) -> Failure:
    known = _CODES.get(code_of(error))
    if known is not None:
        return known
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return Failure.SERVER if status >= _SERVER_ERROR else Failure.REFUSED


def is_throttled(error: BaseException) -> bool:
    """Say whether the call was turned away unexecuted because there were too many."""
    return classify(error) is Failure.THROTTLED


def is_lost(error: BaseException) -> bool:
    """Say whether the call may or may not have been executed: repeating it may do it twice."""
    return classify(error) in {Failure.LOST, Failure.SERVER}


def tells_of_one_object(error: DataNotFoundError | AwsRefusedError) -> bool:
    """Say whether AWS has answered about what was asked for, and not that it takes no question.

    A file that is not there tells of itself alone, too. Without credentials, without an answer,
    and where AWS is too busy or broken even after all tries, nothing is known of the object, and
    the next question ends the same.
    """
    if isinstance(error, CredentialsError | AwsUnreachableError):
        return False
    return isinstance(error, DataNotFoundError) or not (is_lost(error) or is_throttled(error))


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
            hint=_LOGIN_HINT,
            operation=operation,
            code=type(error).__name__,
        ) from error
    except ParamValidationError as error:  # nothing was sent: no network helps
        raise AwsRefusedError(
            f"{operation}: it cannot be asked: {' '.join(str(error).split())}",
            hint="Correct the name: of a bucket, an object or whatever it is of.",
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
    failure = classify(error)
    kind: type[AwsRefusedError] = AwsRefusedError
    hint = _HINTS.get(code, "`rcl-flow explain aws-refused` says what helps.")
    if code == "NoSuchBucket":
        kind, hint, message = BucketNotFoundError, _BUCKET_HINT, _missing_bucket(error, message)
    elif failure is Failure.CREDENTIALS:
        kind, hint = CredentialsError, _credentials_hint(code, message)
    else:
        hint = _KIND_HINTS.get(failure, hint)
    return kind(
        f"{operation}: AWS answered {code}: {message}",
        hint=hint,
        operation=operation,
        code=code,
        request_id=request_id,
    )


def _missing_bucket(error: ClientError, message: str) -> str:
    """Return S3's message with the bucket's name, which its answer has in a place of its own."""
    bucket = str(error.response.get("Error", {}).get("BucketName", ""))
    return f"{message} ({bucket})" if bucket else message


def _credentials_hint(code: str, message: str) -> str:
    """Tell a wrong clock from a wrong key: both make a signature that is not accepted."""
    skewed = code in {"RequestTimeTooSkewed", "RequestExpired"} or any(
        phrase in message for phrase in ("Signature expired", "Signature not yet current")
    )
    return _CLOCK_HINT if skewed else "Log in again; AWS does not accept these credentials."
