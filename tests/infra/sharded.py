"""The same data judged in one process and in shards elsewhere, on one emulator."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from rcl_flow.aws.s3 import S3, S3Location
from rcl_flow.config import FlowConfig
from rcl_flow.emulator.launch import ensure_running, shut_down
from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.files import remove_tree
from rcl_flow.imaging.digits import LABELS, Split
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.images.measure_lines import cache_folder, cache_path
from rcl_flow.pipeline.predicting.kept_predictions import predictions_path, read_predictions
from rcl_flow.pipeline.runs.executing import ShardExecutor
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.shared_state import read_pointer
from rcl_flow.wiring.services import make_services
from rcl_flow.wiring.shard_entry import Errand
from tests.digits import demo_digits

DATA = "acme-data"
FIGURES = ("decision", "test", "holdout", "gap", "reasons", "labels", "advice", "warnings")


@dataclass(frozen=True)
class Judged:
    """What a run has left."""

    figures: dict[str, object]
    """Of its outcome: what does not depend on when and where it ran."""
    predictions: dict[str, object]
    measures: set[str]


@dataclass
class Scene:
    """Digits in S3, a config, and an emulator that ends with the test."""

    workspace: Path
    shard_size: int
    images: dict[Split, int]
    labels: tuple[str, ...] = LABELS
    told: list[object] = field(default_factory=list)

    def config(self, **sections: object) -> FlowConfig:
        """Return the config; `sections` replace or add some."""
        data = {split: {"folder": f"s3://{DATA}/{split}/"} for split in self.images}
        return FlowConfig.model_validate(
            {
                "project": "digits",
                "workspace": str(self.workspace),
                "data": data,
                "audit": {"duplicates": {"near_duplicate_bits": 1}},
                "gates": {"min_holdout_images": 20, "min_holdout_f1": 0.1},
                "emulator": {"training_seconds": 0.0, "starting_seconds": 0.05},
                "executor": {"shard_size": self.shard_size},
                "inference": {"concurrency": 2},
                **sections,
            }
        )

    def put_images(self, s3: S3) -> None:
        """Put the demo's images into S3."""
        s3.create_bucket(DATA)
        left = {
            (split, label): count for split, count in self.images.items() for label in self.labels
        }
        for image in demo_digits():
            if left.get((image.split, image.label), 0):
                left[image.split, image.label] -= 1
                key = f"{image.split}/{image.label}/{image.file_name}"
                s3.put(S3Location(DATA, key), image.png)

    def judge(
        self, config: FlowConfig, make: Callable[[Services], ShardExecutor] | None = None
    ) -> Judged:
        """Run the config, with an executor where one is made, and forget what the disk knew."""
        for name in ("predictions", "measures"):
            remove_tree(self.workspace / name)
        services = make_services(config, self.told.append)
        if make is not None:
            services = replace(services, shard_executor=make(services))
        outcome = run_flow(config, services, Options(consent=True))
        document = outcome.model_dump(mode="json")
        answered = read_predictions(predictions_path(self.workspace, outcome.project_version_arn))
        measures = cache_path(cache_folder(self.workspace)).read_text().splitlines()
        return Judged({name: document[name] for name in FIGURES}, dict(answered), set(measures))


def errand_of(services: Services) -> Errand:
    """Return how workers reach the services' store."""
    shared = read_pointer(services.workspace)
    assert shared is not None
    return Errand(backend=services.backend, workspace=str(services.workspace), shared=shared)


@contextmanager
def scene(folder: Path, shard_size: int, images: dict[Split, int], labels: int) -> Iterator[Scene]:
    """Return a scene on an emulator of its own."""
    made = Scene(folder / "workspace", shard_size, images, LABELS[:labels])
    emulator = made.workspace / "emulator"
    ensure_running(emulator, EmulatorSettings(starting_seconds=0.05))
    try:
        made.put_images(make_services(made.config(), lambda _event: None).s3)
        yield made
    finally:
        shut_down(emulator)
