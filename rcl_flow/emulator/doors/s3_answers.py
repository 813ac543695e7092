"""What moto's S3 answers differently from AWS: the time, a bucket's region and its encryption."""

import re
from dataclasses import replace
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeKey, s3_backends

from rcl_flow.emulator.conditions.clock import as_datetime
from rcl_flow.emulator.doors.call_names import bucket_and_key
from rcl_flow.emulator.doors.wire import Answer

WRITES = frozenset({"PutObject", "CopyObject", "CompleteMultipartUpload"})
REGION = re.compile(r"(?:^|\.)s3[.-]([a-z]+-[a-z-]+-\d)\.amazonaws\.com$")
GLOBAL_REGION = "us-east-1"
REGION_HEADER = "x-amz-bucket-region"
OK_STATUS = 200
MOVED_STATUS = 301
UNENCRYPTED = b"ServerSideEncryptionConfigurationNotFoundError"
DEFAULT_ENCRYPTION = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule>'
    b"<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
    b"</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled>"
    b"</Rule></ServerSideEncryptionConfiguration>"
)


def as_aws_answers(found: Answer, operation: str, url: str, *, account: str, now: float) -> Answer:
    """Return moto's answer as AWS would give it.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html (301 from another
    region's endpoint) and .../userguide/default-encryption-faq.html (every bucket is encrypted).

    Args:
        found: moto's answer.
        operation: Of S3.
        url: The request's.
        account: The caller's.
        now: The emulator's time, in seconds since 1970.
    """
    if operation in WRITES and found.status == OK_STATUS:
        _stamp(url, account, now)
    if operation == "GetBucketEncryption" and UNENCRYPTED in found.body:
        found = Answer(OK_STATUS, {"Content-Type": "application/xml"}, DEFAULT_ENCRYPTION)
    home = found.headers.get(REGION_HEADER)
    if operation == "HeadBucket" and home is not None and home != _endpoint_region(url):
        found = Answer(MOVED_STATUS, {REGION_HEADER: home}, b"")
    kept = {name: value for name, value in found.headers.items() if name.lower() != "date"}
    return replace(found, headers={**kept, "Date": formatdate(now, usegmt=True)})


def _stamp(url: str, account: str, now: float) -> None:
    """Let an object that was just written be as old as the emulator's clock says."""
    bucket, key = bucket_and_key(url)
    try:
        written = s3_backends[account]["aws"].head_object(bucket, unquote(key))
    except S3ClientError:
        return
    if isinstance(written, FakeKey):
        written.last_modified = as_datetime(now).replace(tzinfo=None)


def _endpoint_region(url: str) -> str:
    found = REGION.search(urlsplit(url).netloc)
    return found[1] if found else GLOBAL_REGION
