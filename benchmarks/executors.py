"""What limits audit and inference: reading, decoding, handing out, and the service itself.

`python -m benchmarks.executors` measures more; `make bench` has a short form of it.
"""

import importlib.util
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.measuring import wall_seconds
from rcl_flow.aws.s3 import S3Location
from rcl_flow.config import FlowConfig
from rcl_flow.files import remove_tree
from rcl_flow.imaging.digits import Split, digit_images
from rcl_flow.pipeline.executing import ShardedStep
from rcl_flow.pipeline.executors import map_in_threads
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.measuring import MeasureCache, measure_all, shared_cache
from rcl_flow.pipeline.reading import read_datasets
from rcl_flow.pipeline.services import Services
from rcl_flow.pipeline.shard_work import work_on
from rcl_flow.wiring.executors import RayExecutor
from rcl_flow.wiring.services import make_services
from tests.corpus.photographs import crop, jpeg, photographs
from tests.infra.sharded import DATA, Scene, errand_of, scene
from tests.unit.pipeline.s3_calls import counted

SIZES = {"640 x 480": (640, 480), "1920 x 1080": (1920, 1080), "4000 x 3000": (4000, 3000)}
SHARD_SIZE = 50
LARGEST_TRAINING_SET = 250_000
"""Images. Source: "Guidelines and quotas in Amazon Rekognition Custom Labels"."""
MILLION = 1_000_000
CALLS_PER_SECOND_OF_AN_ACCOUNT = 50
"""DetectCustomLabels, by default. Source: AWS General Reference, Rekognition's quotas."""
PREDICTED_AT_ONCE = 16


class Here:
    """An executor that works on shards in this process, on its own services."""

    def __init__(self, services: Services) -> None:
        """Work with `services`."""
        self.services = services

    def work(self, step: ShardedStep, keys: Sequence[str], beat: Callable[[], None]) -> None:
        """Work on each shard in turn."""
        for key in keys:
            work_on(key, self.services)


def bench_executors(images: int) -> None:
    """Print every figure.

    Args:
        images: how many lie in S3; of large ones a few are enough.
    """
    bench_decoding(max(images // 20, 5))
    with tempfile.TemporaryDirectory() as folder:
        counts: dict[Split, int] = {"train": 10, "test": 5, "holdout": 10}
        with scene(Path(folder), SHARD_SIZE, counts, labels=3) as here:
            bench_objects(here, images)
            bench_predicting(here, images)


def bench_decoding(images: int) -> None:
    """Print the CPU time of measuring an image, and how long many of them take."""
    for name, size in SIZES.items():
        rng = np.random.default_rng(0)
        contents = [jpeg(crop(photographs(), rng).resize(size)) for _ in range(images)]
        before = time.process_time()
        for _ in measure_all(contents, lambda content: content, MeasureCache()):
            pass
        each = (time.process_time() - before) / images
        kilobytes = sum(map(len, contents)) / images / 1e3
        hours = each * MILLION / 3600
        print(
            f"measuring {name} ({kilobytes:.0f} KB): {1 / each:6.0f} images a CPU second; "
            f"{LARGEST_TRAINING_SET:,} take {each * LARGEST_TRAINING_SET / 60:.0f} CPU minutes, "
            f"a million {hours:.1f} CPU hours"
        )


def bench_objects(here: Scene, images: int) -> None:
    """Print how many objects are read, and how long that takes: first, again, and in shards."""
    config = _many(here, images)
    services = make_services(config, lambda _event: None)
    digits = [image.png for image in digit_images()]
    for number in range(images):
        # each its own content: what follows the end of a PNG is ignored
        content = digits[number % len(digits)] + number.to_bytes(4)
        services.s3.put(S3Location(DATA, f"many/a/{number:06}.png"), content)
    _read("threads, the first time", config, services)
    _read("threads, again", config, services)
    remove_tree(services.workspace / "measures")
    _read("threads, again on an empty disk", config, services)
    _forget(services)
    _read("shards in this process", config, replace(services, shard_executor=Here(services)))
    if importlib.util.find_spec("ray") is not None:
        _forget(services)
        _read("shards on a local Ray", config, replace(services, shard_executor=_ray(services)))


def bench_predicting(here: Scene, images: int) -> None:
    """Print what a call to a model costs the caller, against what an account may call."""
    config = here.config()
    services = make_services(config, lambda _event: None)
    arn = run_flow(config, services, Options(consent=True)).project_version_arn
    services.rekognition.start_version(arn, inference_units=1)
    while (found := services.rekognition.find_version_by_arn(arn)) and found.status != "RUNNING":
        time.sleep(0.1)
    place = S3Location(DATA, "many/a/000000.png")
    try:
        before = time.process_time()
        seconds = wall_seconds(
            lambda: list(
                map_in_threads(
                    lambda _: services.rekognition.detect(arn, place),
                    range(images),
                    concurrency=PREDICTED_AT_ONCE,
                )
            )
        )
        each = (time.process_time() - before) / images
    finally:
        services.rekognition.stop_version(arn)
    print(
        f"predicting: {each * 1e3:.1f} CPU ms a call ({images / seconds:.0f} a second against the "
        f"emulator); a processor could ask {1 / each:.0f} times a second, "
        f"{1 / each / CALLS_PER_SECOND_OF_AN_ACCOUNT:.0f} times what an account may"
    )


def _read(name: str, config: FlowConfig, services: Services) -> None:
    client = services.s3._client
    with counted(client) as calls:
        before = time.process_time()
        seconds = wall_seconds(
            lambda: read_datasets(
                config.data, services.s3, shared_cache(services, config.executor.shard_size)
            )
        )
        cpu = time.process_time() - before
    told = ", ".join(f"{count} {call}" for call, count in sorted(calls.items()))
    print(f"reading from S3, {name:<32} {seconds:7.2f} s {cpu:7.2f} CPU s   {told}")


def _forget(services: Services) -> None:
    remove_tree(services.workspace / "measures")
    for prefix in ("measures/", "shards/", "shard-results/", "shard-rounds/"):
        for key, _ in services.store.below(prefix):
            services.store.delete(key)


def _many(here: Scene, images: int) -> FlowConfig:
    data = {"holdout": {"folder": f"s3://{DATA}/many/"}}
    model = "arn:aws:rekognition:us-east-1:123456789012:project/digits/version/v/1700000000000"
    return here.config(
        data=data,
        state={"store": "s3"},
        model={"project_version_arn": model},
        executor={"shard_size": SHARD_SIZE},
    )


def _ray(services: Services) -> RayExecutor:
    return RayExecutor(errand_of(services), address="local", workers=None, predicting=1, emit=print)


if __name__ == "__main__":
    bench_executors(1000)
