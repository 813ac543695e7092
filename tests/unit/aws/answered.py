"""Errors as botocore raises them for an answer."""

from botocore.exceptions import ClientError


def answered(code: str, status: int = 400, message: str = "No.") -> ClientError:
    """Return the error that botocore raises for such an answer."""
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {
                "RequestId": "req-1",
                "HostId": "",
                "HTTPStatusCode": status,
                "HTTPHeaders": {},
                "RetryAttempts": 0,
            },
        },
        "AnOperation",
    )
