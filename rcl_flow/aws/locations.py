"""Where an object is: a bucket and a key, and the URI that names both."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class S3Location:
    """A bucket and a key in it."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """The s3:// URI."""
        return f"s3://{self.bucket}/{self.key}"


def parse_s3_uri(uri: str) -> S3Location | None:
    """Return what an s3:// URI names, or None when it is not one."""
    bucket, separator, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not separator or not bucket or not key:
        return None
    return S3Location(bucket, key)
