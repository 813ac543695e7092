"""The errors of the emulator: what the service answers, and a server that does not start."""


class ApiError(Exception):
    """A refusal in the service's own words, with its HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        """Keep the service's error `code`, its `message` and the HTTP `status`."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class EmulatorStartError(RuntimeError):
    """The emulator's server did not come up; the message ends with the tail of its log."""


def invalid_parameter(message: str) -> ApiError:
    """Return the refusal of a parameter that is well formed but does not fit."""
    return ApiError("InvalidParameterException", message)


def access_denied(account: str, operation: str, arn: str) -> ApiError:
    """Return the refusal of a resource that the calling account may not use."""
    return ApiError(
        "AccessDeniedException",
        f"User: arn:aws:iam::{account}:root is not authorized to perform: "
        f"rekognition:{operation} on resource: {arn}",
    )


def in_use(message: str) -> ApiError:
    """Return the refusal of something that the resource's state or name does not allow."""
    return ApiError("ResourceInUseException", message)


def limit_exceeded(message: str) -> ApiError:
    """Return the refusal of something that the account's quotas do not allow."""
    return ApiError("LimitExceededException", message)


def not_found(arn: str) -> ApiError:
    """Return the refusal of an ARN that names nothing."""
    return ApiError("ResourceNotFoundException", f"No resource was found for ARN {arn}.")


def not_ready(message: str) -> ApiError:
    """Return the refusal of a resource that is not in a usable state yet."""
    return ApiError("ResourceNotReadyException", message)


def invalid_s3_object() -> ApiError:
    """Return the refusal of an object that is missing, forbidden or in another region."""
    return ApiError(
        "InvalidS3ObjectException",
        "Unable to get object metadata from S3. "
        "Check object key, region and/or access permissions.",
    )
