"""Runs that become champions: small real images through the whole flow, on an emulator in process.

Challengers differ by their training images: more of them, or many of them mislabelled.
"""

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rcl_flow.config import FlowConfig
from rcl_flow.core.history.transitions import Transition
from rcl_flow.imaging.digits import DemoImage
from rcl_flow.pipeline.flow import Options, run_flow
from rcl_flow.pipeline.promotion.contending import Ring
from rcl_flow.pipeline.promotion.outcome import PromotionOutcome
from rcl_flow.pipeline.promotion.promoting import promote_after
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.steplog import StepLog
from tests.digits import demo_digits
from tests.unit.pipeline.bench import BUCKET, Bench

LABELS = ("zero", "one", "seven")
TEST, HOLDOUT = 4, 16


@dataclass
class ChampionBench:
    """One project whose training images change from run to run."""

    bench: Bench
    announced: list[Transition] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    write_parameter: Callable[[str, str], None] | None = None

    def write_sets(self) -> None:
        """Write test and holdout, which stay."""
        self.write("test", self.chosen("test", TEST))
        self.write("holdout", self.chosen("holdout", HOLDOUT))

    def copied(self, folder: Path) -> "ChampionBench":
        """Return the same project in another folder, with what its runs left."""
        shutil.copytree(self.bench.folder, folder)
        return ChampionBench(replace(self.bench, folder=folder))

    def services(self) -> Services:
        """Return services that note what is announced and written."""
        return replace(
            self.bench.services(),
            announce=self.announced.append,
            write_parameter=self.write_parameter or self.parameters.__setitem__,
        )

    def config(self, **sections: object) -> FlowConfig:
        """Return the config of the project, in which `sections` replace the defaults."""
        data = {
            split: {"folder": str(self.bench.folder / "data" / split)}
            for split in ("train", "test", "holdout")
        }
        return FlowConfig.model_validate(
            {
                "project": "digits",
                "data": data,
                "storage": {"bucket": BUCKET},
                "gates": {"min_holdout_images": 40, "min_holdout_f1": 0.1},
                "audit": {"duplicates": {"near_duplicate_bits": 1}},
                "evaluation": {"resamples": 200},
                "promotion": {"max_loss": 0.1},
                **sections,
            }
        )

    def chosen(self, split: str, count: int, start: int = 0) -> Iterable[DemoImage]:
        """Return the first images of each label."""
        for label in LABELS:
            found = [i for i in demo_digits() if i.split == split and i.label == label]
            yield from found[start : start + count]

    def write(
        self, split: str, images: Iterable[DemoImage], labels: Sequence[str] = LABELS
    ) -> None:
        """Write the images of a split; other `labels` in the order of the true ones mislabel."""
        folder = self.bench.folder / "data" / split
        shutil.rmtree(folder, ignore_errors=True)
        for image in images:
            label = labels[LABELS.index(image.label)]
            path = folder / label / image.file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(image.png)

    def train(
        self, count: int, *, mislabelled: bool = False, repeat_index: int = 1, **sections: object
    ) -> RunOutcome:
        """Train on so many images a label, and judge the model."""
        labels = (LABELS[0], LABELS[2], LABELS[1]) if mislabelled else LABELS
        self.write("train", self.chosen("train", count), labels)
        return self.run(self.config(training={"repeat_index": repeat_index}, **sections))

    def run(self, config: FlowConfig, options: Options | None = None) -> RunOutcome:
        """Run the flow on the images as they are."""
        return run_flow(config, self.services(), options or Options())

    def promote(self, *outcomes: RunOutcome, **sections: object) -> PromotionOutcome:
        """Decide as a retraining does."""
        services = self.services()
        return promote_after(outcomes, self.config(**sections), services, self.log(services))

    def ring(self, **sections: object) -> Ring:
        """Return what a decision by hand needs."""
        services = self.services()
        return Ring(self.config(**sections), services, self.log(services), Options())

    def log(self, services: Services) -> StepLog:
        """Return a log that the bench hears."""
        return StepLog(services.emit, services.clock)

    @property
    def folder(self) -> Path:
        """The workspace."""
        return self.bench.folder / "workspace"

    def kinds(self) -> list[str]:
        """Return what was announced of the champion."""
        return [each.kind for each in self.announced if each.kind.startswith("champion")]
