"""S3's look at what arrives: an object that does not fit its checksum is not kept.

moto believes every checksum that it is told.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping

from moto.s3.exceptions import S3ClientError

CHECKSUMS: dict[str, Callable[[bytes], bytes]] = {
    "SHA256": lambda body: hashlib.sha256(body).digest(),
    "SHA1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "CRC32": lambda body: binascii.crc32(body).to_bytes(4, "big"),
}
"""Those that need no further package."""


class BadDigestError(S3ClientError):
    """The content is not what the sender made the checksum of."""


def require_undamaged(headers: Mapping[str, str], body: bytes) -> None:
    """Refuse an object that does not fit a checksum in its request's headers.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
    (read 2026-11-30); the words are those of https://github.com/versity/versitygw/issues/1694.

    Raises:
        BadDigestError: it does not fit.
    """
    for name, digest_of in CHECKSUMS.items():
        told = headers.get(f"x-amz-checksum-{name.lower()}")
        if told and told != base64.b64encode(digest_of(body)).decode():
            raise BadDigestError(
                "BadDigest", f"The {name} you specified did not match the calculated checksum."
            )
