"""What a finished run leaves in a workspace, from made-up answers: no AWS, images or emulator."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import yaml

from rcl_flow.config import FlowConfig
from rcl_flow.core.audit.certificate import HoldoutCertificate, SplitIdentity
from rcl_flow.core.measures import MEASURES_VERSION
from rcl_flow.core.naming import seed_of
from rcl_flow.core.promotion.decision import decide
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.predictions import RefusedImage
from rcl_flow.core.scoring.scored import KnownImages, Scored, score_model
from rcl_flow.files import append_lines
from rcl_flow.pipeline.data.certificates import CERTIFICATE_NAME
from rcl_flow.pipeline.data.known_images import write_material
from rcl_flow.pipeline.judging.answer_lines import write_answers
from rcl_flow.pipeline.judging.report_files import shown_of, write_scored
from rcl_flow.pipeline.state.records import run_folder
from rcl_flow.report.page import ReportPage
from tests.unit.clocks import FakeClock
from tests.unit.core.scoring.holdouts import SIDE_PIXELS, Place, scenes
from tests.unit.core.scoring.judged_scenes import BAD, Scene, simulate
from tests.unit.report.pages import PROVENANCE, build_page

RUN_ID = "20261129T120000Z-0123abcd"
HOLDOUT_DIGEST = "e1" * 32
PHOTOGRAPHS = Scene(images=160, labels=3, bad=BAD, test_brightness=(7, 4))
OBJECTS = ("bolt", "nut")
REFUSED = (RefusedImage(sha256="f" * 64, code="InvalidImageFormatException", message="no image"),)


def photographs(seed: int = 1) -> Material:
    """Return judged photographs of three labels with measures and test images, in a run's order."""
    material = simulate(PHOTOGRAPHS, seed)
    return replace(material, judged=ordered(material.judged))


def objects(images: int = 80, seed: int = 3) -> Material:
    """Return judged scenes of one to three objects at places of hundredths of a pixel."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(images):
        true = [(OBJECTS[(number + n) % 2], _place(rng, n)) for n in range(1 + number % 3)]
        found = [(label, float(rng.uniform(20, 99)), _shifted(place, rng)) for label, place in true]
        rows.append((true, found))
    material = scenes(rows, OBJECTS)
    return replace(material, judged=ordered(material.judged))


def ordered(judged: Judged) -> Judged:
    """Return the holdout in the order in which a run judges it."""
    return replace(judged, images=tuple(sorted(judged.images, key=lambda image: image.sha256)))


@dataclass(frozen=True)
class Finished:
    """A workspace with one finished run."""

    workspace: Path
    material: Material = field(default_factory=photographs)
    evaluation: Mapping[str, Any] = field(default_factory=dict)
    """The config's section of that name; resamples are few unless it says how many."""
    refused: tuple[RefusedImage, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return run_folder(self.workspace, RUN_ID)

    @property
    def config(self) -> FlowConfig:
        """The run's config."""
        return FlowConfig.model_validate(
            {
                "project": "shades",
                "data": {split: {"folder": split} for split in ("train", "test", "holdout")},
                "gates": {"min_holdout_images": 20, "min_holdout_f1": 0.1},
                "evaluation": {"resamples": 200, **self.evaluation},
            }
        )

    def scored(self) -> Scored:
        """Judge the answers as the run does."""
        return score_model(
            self.material.evaluation,
            replace(self.material.judged, refused=self.refused),
            self.known(),
            self.config.evaluation,
            seed=seed_of(HOLDOUT_DIGEST),
        ).of_run(RUN_ID)

    def known(self) -> KnownImages:
        """Return what the run knows of the images."""
        return KnownImages(
            measures=self.material.measures,
            test_images=self.material.test_images,
            training_images={"label 0": 40},
            groups=self.groups,
        )

    def leave(self) -> ReportPage:
        """Write all that a run leaves which judging again reads, and return its page."""
        scored, config = self.scored(), self.config
        page = replace(
            build_page(),
            comparison=scored.comparison,
            decision=decide(scored.comparison, config.gates),
            analysis=scored.analysis,
            curves=scored.curves,
            images=shown_of(scored),
            thumbnails={},
            gates=config.gates,
            rules=config.evaluation,
            audit_page="audit.html",
            provenance=replace(
                PROVENANCE,
                run_id=RUN_ID,
                config_text=yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False),
            ),
        )
        write_material(self.folder, self.material.evaluation, self.known())
        write_scored(scored, page, self.folder)
        write_answers(scored, self.folder)
        (self.folder / CERTIFICATE_NAME).write_text(certificate().model_dump_json())
        remember(self.workspace, self.material)
        return page


def certificate(digest: str = HOLDOUT_DIGEST) -> HoldoutCertificate:
    """Return the certificate of a holdout."""
    return HoldoutCertificate(
        issued_at=FakeClock().now(),
        splits={"holdout": SplitIdentity(digest=digest, images=160, hashed_images=160)},
        near_duplicate_bits=6,
        overlaps={},
        unchecked=(),
        accepted={},
        uses=0,
    )


def remember(workspace: Path, material: Material) -> None:
    """Put the measures of a holdout into the workspace's cache, as an audit does."""
    lines = (
        {"sha256": digest, "version": MEASURES_VERSION, "measures": asdict(found)}
        for digest, found in material.measures.items()
    )
    path = workspace / "measures" / f"v{MEASURES_VERSION}.jsonl"
    append_lines(path, [orjson.dumps(line).decode() for line in lines])


def bytes_below(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _place(rng: np.random.Generator, number: int) -> Place:
    left, top, width = (
        round(least + float(rng.uniform(0, 5)), 2)
        for least in (5 + 30 * number, 5 + 30 * number, 20)
    )
    return left, top, width, 21.37


def _shifted(place: Place, rng: np.random.Generator) -> Place:
    """Return a place a little beside another: most overlap by half, some do not."""
    left, top, width, height = place
    moved = min(left + float(rng.uniform(0, 12)), SIDE_PIXELS - width)
    return moved, top, width, height
