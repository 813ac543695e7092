"""Tests of the table from botocore's errors to ours."""

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
)

from rcl_flow.aws.errors import Failure, aws_errors, classify, is_lost, is_throttled
from rcl_flow.errors import (
    AwsRefusedError,
    AwsUnreachableError,
    BucketNotFoundError,
    CredentialsError,
)
from tests.unit.aws.answered import answered
from tests.unit.aws.conftest import Gateways

ENDPOINT = "http://127.0.0.1:1"


def mapped(error: Exception) -> AwsRefusedError:
    """Return what the error becomes at the gateway."""
    with pytest.raises(AwsRefusedError) as caught, aws_errors("CreateProject"):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


def test_aws_errors_keeps_operation_code_and_request_id() -> None:
    """Support asks for the request id, so the error has it."""
    error = mapped(answered("AccessDeniedException"))
    assert type(error) is AwsRefusedError
    assert (error.operation, error.code) == ("CreateProject", "AccessDeniedException")
    assert error.request_id == "req-1"
    assert error.slug == "aws-refused"
    assert error.message == "CreateProject: AWS answered AccessDeniedException: No."
    assert "Allow this action" in error.hint


@pytest.mark.parametrize(
    "code", ["UnrecognizedClientException", "ExpiredToken", "InvalidSignatureException"]
)
def test_aws_errors_names_credentials_when_aws_does_not_accept_them(code: str) -> None:
    """An expired login is told apart from a missing permission."""
    error = mapped(answered(code))
    assert isinstance(error, CredentialsError)
    assert (error.slug, error.code, error.request_id) == ("aws-credentials", code, "req-1")


@pytest.mark.parametrize(
    "given",
    [
        NoCredentialsError(),
        PartialCredentialsError(provider="env", cred_var="aws_secret_access_key"),
        ProfileNotFound(profile="nobody"),
    ],
)
def test_aws_errors_names_credentials_when_there_are_none(given: BotoCoreError) -> None:
    """Without credentials nothing is sent, and the cure is to log in."""
    error = mapped(given)
    assert isinstance(error, CredentialsError)
    assert error.code == type(given).__name__
    assert "aws sso login" in error.hint


@pytest.mark.parametrize(
    "given",
    [
        EndpointConnectionError(endpoint_url=ENDPOINT),
        ConnectTimeoutError(endpoint_url=ENDPOINT),
        ReadTimeoutError(endpoint_url=ENDPOINT),
    ],
)
def test_aws_errors_names_the_endpoint_when_it_does_not_answer(given: BotoCoreError) -> None:
    """No answer is no refusal: the same command resumes."""
    error = mapped(given)
    assert isinstance(error, AwsUnreachableError)
    assert (error.slug, error.code) == ("aws-unreachable", type(given).__name__)
    assert ENDPOINT in error.message


def test_aws_errors_takes_a_request_that_cannot_be_sent_for_refused() -> None:
    """A name that no bucket can have is one image's fault: the network is not at fault."""
    error = mapped(ParamValidationError(report='Invalid bucket name "My Bucket":\nit is none'))
    assert type(error) is AwsRefusedError
    assert error.code == "ParamValidationError"
    assert 'Invalid bucket name "My Bucket": it is none' in error.message


def test_aws_errors_names_the_bucket_when_it_is_missing(gateways: Gateways) -> None:
    """A misspelt bucket is told apart from a missing object."""
    with pytest.raises(BucketNotFoundError) as caught:
        gateways.s3.sizes("no-such-bucket", "")
    assert (caught.value.slug, caught.value.code) == ("bucket-not-found", "NoSuchBucket")
    assert caught.value.operation == "ListObjectsV2"
    assert caught.value.message.endswith("The specified bucket does not exist (no-such-bucket)")
    assert "storage.bucket" in caught.value.hint
    assert "`data`" in caught.value.hint


def test_aws_errors_does_without_the_name_of_a_missing_bucket() -> None:
    """Another server than AWS's may leave it out."""
    assert mapped(answered("NoSuchBucket")).message.endswith("NoSuchBucket: No.")


def test_aws_errors_keeps_the_request_id_of_a_real_answer(gateways: Gateways) -> None:
    """The request id is read from the answer's headers as they come over the wire."""
    gateways.arm("CreateProject", "LimitExceededException")
    with pytest.raises(AwsRefusedError) as caught:
        gateways.rekognition.create_project("shades", {})
    assert caught.value.request_id
    assert "quota" in caught.value.hint


def test_aws_errors_lets_other_errors_pass() -> None:
    """A bug of ours is not dressed up as AWS's."""
    with pytest.raises(KeyError), aws_errors("CreateProject"):
        raise KeyError("bug")


@pytest.mark.parametrize(
    ("error", "throttled", "lost"),
    [
        (answered("ThrottlingException"), True, False),
        (answered("SlowDown", 503), True, False),
        (answered("InternalServerError", 500), False, True),
        (answered("LimitExceededException"), False, False),
        (ReadTimeoutError(endpoint_url=ENDPOINT), False, True),
        (EndpointConnectionError(endpoint_url=ENDPOINT), False, True),
        (NoCredentialsError(), False, False),
    ],
)
def test_errors_are_throttled_or_lost_but_never_both(
    error: Exception, throttled: bool, lost: bool
) -> None:
    """Only what was surely not executed counts as throttled."""
    assert (is_throttled(error), is_lost(error)) == (throttled, lost)


@pytest.mark.parametrize(
    ("code", "status", "failure"),
    [
        ("ThrottlingException", 400, Failure.THROTTLED),
        ("ThrottlingException", 500, Failure.THROTTLED),
        ("ProvisionedThroughputExceededException", 400, Failure.THROTTLED),
        ("SlowDown", 503, Failure.THROTTLED),
        ("InternalServerError", 500, Failure.SERVER),
        ("ServiceUnavailable", 503, Failure.SERVER),
        ("SomethingOfNextYear", 502, Failure.SERVER),
        ("RequestTimeout", 400, Failure.LOST),
        ("LimitExceededException", 400, Failure.LIMIT),
        ("ServiceQuotaExceededException", 400, Failure.LIMIT),
        ("ResourceInUseException", 400, Failure.IN_USE),
        ("ResourceNotReadyException", 400, Failure.NOT_READY),
        ("ResourceNotFoundException", 400, Failure.NOT_FOUND),
        ("404", 404, Failure.NOT_FOUND),
        ("ConflictException", 409, Failure.CONFLICT),
        ("PreconditionFailed", 412, Failure.CONFLICT),
        ("ConditionalRequestConflict", 409, Failure.CONFLICT),
        ("AccessDeniedException", 400, Failure.DENIED),
        ("AccessDenied", 403, Failure.DENIED),
        ("ExpiredTokenException", 400, Failure.CREDENTIALS),
        ("RequestTimeTooSkewed", 403, Failure.CREDENTIALS),
        ("InvalidParameterException", 400, Failure.REFUSED),
        ("SomethingOfNextYear", 400, Failure.REFUSED),
    ],
)
def test_classify_says_why_before_and_after_the_gateway(
    code: str, status: int, failure: Failure
) -> None:
    """Callers of the gateway see the same kind as the policy of repeating calls."""
    given = answered(code, status)
    assert classify(given) is failure
    assert classify(mapped(given)) is failure


def test_classify_goes_by_the_code_when_the_error_is_our_own() -> None:
    """An error that was made by a gateway from the body of an answer is of a kind, too."""
    ours = AwsRefusedError("no", hint="", operation="DeleteObjects", code="AccessDenied")
    assert classify(ours) is Failure.DENIED


@pytest.mark.parametrize(
    "given",
    [
        ReadTimeoutError(endpoint_url=ENDPOINT),
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ],
)
def test_classify_takes_half_an_answer_for_none(given: BotoCoreError) -> None:
    """An answer that breaks off is lost like one that never came."""
    assert classify(given) is Failure.LOST
    assert classify(mapped(given)) is Failure.LOST


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("RequestTimeTooSkewed", "The difference between the request time and now is too large."),
        ("InvalidSignatureException", "Signature expired: 20261124T000000Z is now earlier than"),
        ("InvalidSignatureException", "Signature not yet current: 20261124T000000Z is still later"),
    ],
)
def test_aws_errors_names_the_clock_when_it_is_wrong(code: str, message: str) -> None:
    """To log in again does not help a machine whose clock is wrong."""
    error = mapped(answered(code, 403, message))
    assert isinstance(error, CredentialsError)
    assert "clock" in error.hint
    assert "clock" not in mapped(answered("InvalidSignatureException")).hint
