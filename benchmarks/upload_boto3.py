"""The peer of the uploads that is always at hand: boto3's `put_object` in threads.

`python -m benchmarks.upload_boto3 FOLDER ENDPOINT THREADS`.
"""

import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config

REGION = "us-east-1"


def put_all(paths: Iterable[Path], endpoint_url: str, threads: int) -> int:
    """Put the files' contents, and return how many there were."""
    settings = Config(s3={"addressing_style": "path"}, max_pool_connections=threads)
    client = boto3.client("s3", REGION, endpoint_url=endpoint_url, config=settings)

    def put(path: Path) -> None:
        client.put_object(Bucket="sink", Key=f"images/{path.name}", Body=path.read_bytes())

    with ThreadPoolExecutor(threads) as pool:
        return sum(1 for _ in pool.map(put, paths))


if __name__ == "__main__":
    print(put_all(sorted(Path(sys.argv[1]).iterdir()), sys.argv[2], int(sys.argv[3])))
