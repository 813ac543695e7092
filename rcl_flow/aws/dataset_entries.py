"""The gateway to a dataset's entries: listing what it holds, adding to it and changing it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rcl_flow.aws.retry import Caller

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_rekognition.type_defs import ListDatasetEntriesRequestTypeDef

_PAGE: Final = 100
"""How many entries are asked for at once.

Source: botocore's Rekognition service model, ListDatasetEntriesPageSize (1.44.5).
"""


class DatasetEntries:
    """The entries of datasets, each a line of JSON; raises `AwsRefusedError` kinds."""

    def __init__(self, client: "RekognitionClient", caller: Caller) -> None:
        """Send calls through `client`."""
        self._client = client
        self._caller = caller

    def list(self, dataset_arn: str, *, with_errors: bool = False) -> Iterator[str]:
        """Yield the dataset's entries, or those alone with which something is wrong.

        Raises:
            AwsRefusedError: the dataset is being made or updated, among others.
        """
        request: ListDatasetEntriesRequestTypeDef = {
            "DatasetArn": dataset_arn,
            "MaxResults": _PAGE,
        }
        if with_errors:
            request["HasErrors"] = True
        while True:
            page = self._caller.call(self._client.list_dataset_entries, **request)
            yield from page["DatasetEntries"]
            token = page.get("NextToken")
            if not token:
                return
            request["NextToken"] = token

    def update(self, dataset_arn: str, lines: bytes) -> None:
        """Ask for entries to be added, or replaced where the image is there; it takes a while.

        The same lines twice make the same dataset, so a lost call is repeated. The repetition is
        refused with `ResourceInUseException` while the first one is at work.

        Args:
            dataset_arn: of a dataset at rest.
            lines: JSON Lines, below 5 MB.

        Raises:
            AwsRefusedError: it was refused.
        """
        self._caller.call(
            self._client.update_dataset_entries,
            DatasetArn=dataset_arn,
            Changes={"GroundTruth": lines},
        )
