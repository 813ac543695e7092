"""S3's conditional writes: looking and writing are one step, so that one of several writers wins.

moto looks first and writes then; two threads can both find nothing.
"""

import threading
from typing import Any

from moto.s3.responses import S3Response

from rcl_flow.emulator.doors.moto_ext.checksums import require_undamaged

_ONE_AT_A_TIME = threading.RLock()
_put_object = S3Response.put_object


def _put_alone(response: S3Response) -> Any:  # noqa: ANN401  # moto's own answer
    require_undamaged(response.headers, response.body or b"")
    with _ONE_AT_A_TIME:
        return _put_object(response)


def keep_puts_apart() -> None:
    """Let moto write one object at a time, and only one that arrived as it was sent.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: of
    several conditional writes of one key, one succeeds.
    """
    hooked: Any = S3Response
    hooked.put_object = _put_alone


def forget_puts() -> None:
    """Give the writing of objects back to moto."""
    hooked: Any = S3Response
    hooked.put_object = _put_object
