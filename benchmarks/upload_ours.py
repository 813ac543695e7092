"""Our side of the uploads: what a run does between the measured images and S3, in a process.

`python -m benchmarks.upload_ours LIST FOLDER ENDPOINT WORKSPACE [CONCURRENCY]`; LIST is JSON with
each file's name, SHA-256 and size.
"""

import json
import resource
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from rcl_flow.config import FlowConfig
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Split
from rcl_flow.pipeline.runs.opening import keep_run, open_run
from rcl_flow.pipeline.runs.results import UploadWanted
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.training.uploading import upload, upload_wanted
from rcl_flow.wiring.services import make_services

BUCKET = "sink"
LABELS = ("red", "green")
TESTED_SHARE = 10
"""Every so manieth image is of the test dataset."""


def wanted_of(files: list[tuple[str, str, int]], folder: Path, config: FlowConfig) -> UploadWanted:
    """Return datasets of the files, labelled in turn."""
    images: Mapping[Split, list[DatasetImage]] = {"train": [], "test": []}
    for number, (name, sha256, size_bytes) in enumerate(files):
        split: Split = "train" if number // 2 % TESTED_SHARE else "test"
        label = LABELS[number % len(LABELS)]
        image = DatasetImage(str(folder / name), sha256, size_bytes, "JPEG", (label,))
        images[split].append(image)
    train, test = (Dataset(split, tuple(images[split])) for split in images)
    return upload_wanted(config, train, test)


def make_run(endpoint_url: str, workspace: Path, concurrency: int) -> Run:
    """Return a run whose AWS is at the endpoint."""
    config = FlowConfig.model_validate(
        {
            "project": "bench",
            "workspace": str(workspace),
            "aws": {"region": "us-east-1", "endpoint_url": endpoint_url},
            "backend": "aws",
            "data": {split: {"folder": split} for split in ("train", "test", "holdout")},
            "storage": {"bucket": BUCKET, "upload_concurrency": concurrency},
        }
    )

    def ignore(_event: object) -> None:
        """Nobody watches."""

    services = make_services(config, ignore)
    run = open_run(config, [], services, StepLog(ignore, services.clock), blocking=True)
    keep_run(run)
    return run


def main() -> None:
    """Upload, and print what came of it and what it took."""
    listed, folder, endpoint_url, workspace, *more = sys.argv[1:]
    run = make_run(endpoint_url, Path(workspace), int(more[0]) if more else 64)
    wanted = wanted_of(json.loads(Path(listed).read_text()), Path(folder), run.config)
    began, cpu = time.perf_counter(), time.process_time()
    done = upload(wanted, run)
    told = {
        "sent": done.images_sent,
        "present": done.images_present,
        "upload_wall_seconds": time.perf_counter() - began,
        "upload_cpu_seconds": time.process_time() - cpu,
        "cpu_seconds": time.process_time(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
