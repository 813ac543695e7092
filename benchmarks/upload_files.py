"""Files to upload, as large as photographs are, and the surroundings of whoever uploads them."""

import hashlib
import json
import math
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MEDIAN_BYTES = 131_000
SPREAD = 0.82
"""Of the sizes' logarithm: one in twenty is below 35 KB, and one in twenty above 515 KB."""
LEAST_BYTES, MOST_BYTES = 8_000, 2_000_000
PROFILES = {"default": 10, "wide": 64}
"""How many requests the AWS CLI has under way at once; 10 is what it does by itself."""


@dataclass(frozen=True, slots=True)
class Files:
    """A folder of files, and the list of them that our side reads."""

    folder: Path
    listed: Path
    count: int
    size_bytes: int

    @property
    def entries(self) -> list[tuple[str, str, int]]:
        """Name, SHA-256 and size of each."""
        return [tuple(entry) for entry in json.loads(self.listed.read_text())]


def make_files(root: Path, count: int) -> Files:
    """Write that many files of bytes that no compression makes smaller."""
    rng = random.Random(count)
    folder = root / f"files-{count}"
    folder.mkdir()
    entries = []
    for number in range(count):
        size = int(math.exp(rng.gauss(math.log(MEDIAN_BYTES), SPREAD)))
        content = rng.randbytes(min(max(size, LEAST_BYTES), MOST_BYTES))
        name = f"{number:05}.jpg"
        (folder / name).write_bytes(content)
        entries.append((name, hashlib.sha256(content).hexdigest(), len(content)))
    listed = root / f"files-{count}.json"
    listed.write_text(json.dumps(entries))
    return Files(folder, listed, count, sum(size for _, _, size in entries))


@contextmanager
def surroundings() -> Iterator[Path]:
    """Give two profiles of nobody and a folder, and take all of it away again."""
    before = dict(os.environ)
    for name in [name for name in before if name.startswith("AWS_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="uploads-") as folder:
        root = Path(folder)
        os.environ.update(_settings(root))
        try:
            yield root
        finally:
            os.environ.clear()
            os.environ.update(before)


def _settings(root: Path) -> dict[str, str]:
    config, credentials = root / "aws-config", root / "aws-credentials"
    config.write_text(
        "".join(
            f"[{'profile ' * (name != 'default')}{name}]\nregion = us-east-1\n"
            f"s3 =\n  max_concurrent_requests = {at_once}\n"
            for name, at_once in PROFILES.items()
        )
    )
    key = "aws_access_key_id = AKIAEXAMPLEEXAMPLE00\naws_secret_access_key = secret\n"
    credentials.write_text("".join(f"[{name}]\n{key}" for name in PROFILES))
    return {
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }
