"""Find the request id of the call that AWS refused, however deep in an error's causes."""

from rcl_flow.errors import AwsRefusedError


def request_id_of(error: BaseException) -> str:
    """Return AWS's id of the refused call that led to `error`; empty when no call was answered."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AwsRefusedError) and cause.request_id:
            return cause.request_id
        cause = cause.__cause__
    return ""
