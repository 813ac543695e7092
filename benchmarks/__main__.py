"""Print every figure: `make bench`."""

import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.audit_false_alarms import bench_audit_statistics
from benchmarks.audit_images import bench_audit_images
from benchmarks.audit_recall import bench_audit_recall
from benchmarks.control_calls import bench_control_calls
from benchmarks.coverage import bench_coverage
from benchmarks.evaluate import bench_evaluate
from benchmarks.executors import bench_executors
from benchmarks.lint import bench_lint
from benchmarks.measuring import child_cpu_seconds, ratio, show, wall_seconds
from benchmarks.near_duplicates import bench_near_duplicates
from benchmarks.slices import bench_slices
from benchmarks.verdicts import bench_verdicts
from rcl_flow.aws.rekognition import Rekognition
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3, S3Location
from rcl_flow.aws.session import AwsAccess, make_session, rekognition_client, s3_client
from rcl_flow.clock import SystemClock
from rcl_flow.core.scoring.intervals import resample_f1
from rcl_flow.core.scoring.metrics import label_ratios, outcomes_of_flags
from rcl_flow.emulator.launch import ensure_running, shut_down
from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.imaging.digits import digit_images
from rcl_flow.pipeline.executors import map_in_threads

VERDICT_SIMULATIONS = 60
"""A short form; `python -m benchmarks.verdicts` is the long one."""

OBJECTS = 200
"""A short form; `python -m benchmarks.executors` is the long one."""


def bench_help() -> None:
    """`rcl-flow --help` against an interpreter that only imports boto3."""
    figures = ratio(
        lambda: child_cpu_seconds([sys.executable, "-m", "rcl_flow", "--help"]),
        lambda: child_cpu_seconds([sys.executable, "-c", "import boto3"]),
    )
    show("rcl-flow --help, against `import boto3`", figures, "CPU s")


def bench_bootstrap() -> None:
    """The multinomial bootstrap against drawing images one resample at a time."""
    rng = np.random.default_rng(0)
    truth = np.eye(8, dtype=bool)[rng.integers(0, 8, 1000)]
    predicted = np.where(rng.random((1000, 1)) < 0.9, truth, np.roll(truth, 1, axis=1))
    outcomes = outcomes_of_flags("abcdefgh", truth, predicted)

    def loop() -> None:
        for _ in range(2000):
            drawn = rng.integers(0, 1000, 1000)
            label_ratios(outcomes_of_flags(outcomes.labels, truth[drawn], predicted[drawn]))

    figures = ratio(
        lambda: wall_seconds(
            lambda: resample_f1(outcomes, judged=outcomes.judged, resamples=2000, rng=rng)
        ),
        lambda: wall_seconds(loop),
    )
    show("2,000 resamples of 1,000 images, against a numpy loop", figures, "s")


def bench_emulator(folder: Path) -> None:
    """Uploads and describes through the gateway, against one call after another with boto3."""
    handle = ensure_running(folder, EmulatorSettings())
    bench_control_calls(handle.endpoint_url)
    access = AwsAccess("us-east-1", endpoint_url=handle.endpoint_url, emulated=True)
    session = make_session(access)
    raw_s3, raw_rekognition = s3_client(session, access), rekognition_client(session, access)
    caller = Caller(SystemClock())
    s3 = S3(raw_s3, caller, region="us-east-1")
    rekognition = Rekognition(raw_rekognition, caller)
    s3.create_bucket("bench")
    images = [image.png for image in digit_images()][:300]

    def ours() -> None:
        numbered = list(enumerate(images))
        for _ in map_in_threads(
            lambda item: s3.put(S3Location("bench", f"a/{item[0]}.png"), item[1]),
            numbered,
            concurrency=16,
        ):
            pass

    def serial() -> None:
        for index, content in enumerate(images):
            raw_s3.put_object(Bucket="bench", Key=f"b/{index}.png", Body=content)

    figures = ratio(lambda: wall_seconds(ours), lambda: wall_seconds(serial))
    show("300 uploads in 16 threads, against one by one", figures, "s")
    figures = ratio(
        lambda: wall_seconds(lambda: [rekognition.find_project("x") for _ in range(200)]),
        lambda: wall_seconds(
            lambda: [raw_rekognition.describe_projects(ProjectNames=["x"]) for _ in range(200)]
        ),
    )
    show("200 describes through the gateway, against bare boto3", figures, "s")


def main() -> None:
    """Run every benchmark."""
    bench_help()
    bench_bootstrap()
    bench_near_duplicates()
    with tempfile.TemporaryDirectory() as folder:
        bench_audit_images(Path(folder) / "images")
    bench_audit_recall()
    bench_audit_statistics()
    bench_coverage()
    bench_slices()
    bench_verdicts(VERDICT_SIMULATIONS)
    bench_evaluate()
    bench_executors(OBJECTS)
    with tempfile.TemporaryDirectory() as folder:
        bench_lint(Path(folder))
        try:
            bench_emulator(Path(folder))
        finally:
            shut_down(Path(folder))


if __name__ == "__main__":
    main()
