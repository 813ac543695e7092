"""What S3's answer to HeadBucket says of a bucket that is there and cannot be used."""

from collections.abc import Mapping
from typing import Final

from rcl_flow.errors import AwsRefusedError, BucketNotFoundError

BUCKET_REGION_HEADER: Final = "x-amz-bucket-region"


def require_region(bucket: str, headers: Mapping[str, str], region: str) -> None:
    """Refuse a bucket of another region, to which boto3 would send everything without a word.

    The service reads manifests and images only in its own region; it would fail after the upload,
    and not say why (references of CreateDataset and DetectCustomLabels, read 2026-11-23).

    Args:
        bucket: its name.
        headers: of the answer; without the header, as other servers give, nothing is known.
        region: the config's.

    Raises:
        BucketNotFoundError: it is in another region.
    """
    found = headers.get(BUCKET_REGION_HEADER, region)
    if found != region:
        raise BucketNotFoundError(
            f"The bucket {bucket} is in {found}, and the config's region is {region}: Custom "
            "Labels reads and writes in its own region only.",
            hint=f"Set `aws.region: {found}`, or name a bucket in {region} as `storage.bucket`.",
            operation="HeadBucket",
            code="301",
        )


def refused_bucket(bucket: str, region: str, error: AwsRefusedError) -> BucketNotFoundError:
    """Return the error for a bucket that S3 does not let the caller use, without saying why."""
    return BucketNotFoundError(
        f"The bucket {bucket} may not be used from {region} (HTTP {error.code}).",
        hint="Allow s3:ListBucket for the caller, or correct `storage.bucket`: the bucket may "
        "belong to another account or region.",
        operation=error.operation,
        code=error.code,
        request_id=error.request_id,
    )
