"""Tests of a run's model in another place: copied or trained anew, judged there, and compared."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rcl_flow.emulator.conditions.clock import SkippingClock
from rcl_flow.errors import ConsentNeededError, CopyDiffersError, HoldoutsDifferError
from rcl_flow.pipeline.copies.copied_runs import CopiedRun, Original, ParityReport, copy_run
from rcl_flow.pipeline.flow import Options
from rcl_flow.pipeline.gc.belongings import find_belongings
from rcl_flow.pipeline.judging.comparing import finished_run
from rcl_flow.pipeline.judging.stored_answers import ANSWERS_NAME
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.records import list_runs
from rcl_flow.pipeline.training.trained_on import find_trained_on, read_trained_on
from tests.unit.pipeline.payer import Payer, paying

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Clients


@dataclass
class Workshop:
    """A finished run, and what asks for its model elsewhere."""

    payer: Payer
    outcome: RunOutcome

    @property
    def original(self) -> Original:
        """The finished run."""
        services = self.payer.services
        record = next(r for r in list_runs(services.store) if r.run_id == self.outcome.run_id)
        return Original(
            finished_run(record, services.store, services.workspace), lambda: self.payer.services
        )

    def copy(
        self,
        services: Services | None = None,
        *,
        data: str = "a",
        consent: bool = False,
        sections: Mapping[str, object] | None = None,
    ) -> CopiedRun:
        """Ask for the model in the project `elsewhere`."""
        config = self.payer.config(data, project="elsewhere", **(sections or {}))
        return copy_run(
            self.original, config, services or self.payer.services, Options(consent=consent)
        )


@pytest.fixture
def workshop(aws_clients: "Clients", tmp_path: Path) -> Iterator[Workshop]:
    """Return a workshop with one finished run."""
    with paying(aws_clients, tmp_path, SkippingClock()) as payer:
        yield Workshop(payer, payer.run("a"))


def other_emulator(services: Services) -> Services:
    """Return services of a backend that no model comes to by a copy."""
    backend = Backend(kind="emulator", region="eu-west-1", emulator_instance="two")
    return replace(services, backend=backend)


def test_copy_gives_the_same_answers_and_belongs_to_its_run(workshop: Workshop) -> None:
    """Nothing is trained; the report says so, and `gc` finds the copy with the run."""
    trained = workshop.payer.bench.calls("CreateProjectVersion")
    done = workshop.copy()
    report = done.report
    assert (report.way, report.identical, report.f1_change) == ("copy", True, 0.0)
    assert (report.answers.images, report.answers.differing_images) == (30, 0)
    assert (report.source_run, report.source_version_arn) == (
        workshop.outcome.run_id,
        workshop.outcome.project_version_arn,
    )
    assert "/elsewhere/version/copy-" in report.project_version_arn
    assert ParityReport.model_validate_json(done.parity.read_bytes()) == report
    assert "elsewhere" in done.html.read_text()
    assert workshop.payer.bench.calls("CreateProjectVersion") == trained
    services = workshop.payer.services
    record = next(run for run in list_runs(services.store) if run.run_id == report.run)
    found = find_belongings(record, services)
    assert [version.arn for version in found.versions] == [report.project_version_arn]
    assert found.project is not None
    again = workshop.copy()
    assert (again.report.run, again.report.run_status) == (report.run, "unchanged")
    assert workshop.payer.bench.calls("CopyProjectVersion") == 1


def test_copy_is_known_to_be_trained_on_what_its_source_was(workshop: Workshop) -> None:
    """So that a retraining of a copied champion does not train on the same data again."""
    report, services = workshop.copy().report, workshop.payer.services
    known = read_trained_on(report.project_version_arn, services)
    theirs = read_trained_on(workshop.outcome.project_version_arn, services)
    assert known is not None
    assert theirs is not None
    assert (known.labels, known.trained_at) == (theirs.labels, theirs.trained_at)
    services.store.delete(f"trained-on/{services.backend.identity}/{report.project_version_arn}")
    assert find_trained_on(report.project_version_arn, services) == theirs


def test_copy_with_other_answers_is_refused(workshop: Workshop) -> None:
    """The report names the images, and the command does not end well."""
    path = workshop.original.run.folder / ANSWERS_NAME
    lines = path.read_text().splitlines()
    first = json.loads(lines[0])
    label, percent = next(iter(first["confidences_percent"].items()))
    first["confidences_percent"][label] = abs(percent - 0.5)
    path.write_text("\n".join([json.dumps(first), *lines[1:]]) + "\n")
    with pytest.raises(CopyDiffersError, match=f"on 1 of 30 images \\({first['sha256'][:12]}") as e:
        workshop.copy()
    assert e.value.code == "CopyDiffers"
    written = next(workshop.payer.services.workspace.rglob("parity.json"))
    assert json.loads(written.read_bytes())["answers"]["differing"] == [first["sha256"]]


def test_other_region_is_trained_anew_and_compared(workshop: Workshop) -> None:
    """The service copies within a region alone: there the ordinary flow does the work."""
    done = workshop.copy(other_emulator(workshop.payer.services))
    report = done.report
    assert report.way == "retrain"
    assert "from us-east-1 to eu-west-1" in report.why
    assert report.answers.images == 30
    assert report.verdict in {"better", "worse", "equivalent", "no difference shown"}
    assert workshop.payer.bench.calls("CopyProjectVersion") == 0
    assert any("Training and judging it there costs" in n for n in workshop.payer.bench.notices)


def test_other_data_is_refused_before_anything_is_made(workshop: Workshop) -> None:
    """Another holdout would judge something else; so would other training data elsewhere."""
    with pytest.raises(HoldoutsDifferError, match=r"^data.holdout of the destination's config"):
        workshop.copy(data="b")
    assert workshop.payer.bench.calls("CopyProjectVersion") == 0
    elsewhere = other_emulator(workshop.payer.services)
    with pytest.raises(HoldoutsDifferError, match=r"data.holdout and data.test and data.train"):
        workshop.copy(elsewhere, data="b")


def test_cost_is_told_and_agreed_to_first(workshop: Workshop) -> None:
    """On AWS nothing is copied or trained without consent or a budget."""
    storage = {"bucket": "acme-images", "create_bucket": True}
    safety = {"watchdog": "off"}
    sections: dict[str, object] = {"backend": "aws", "storage": storage, "safety": safety}
    with pytest.raises(ConsentNeededError, match=r"Copying is not billed.*4\.00 USD an hour"):
        workshop.copy(sections=sections)
    with pytest.raises(ConsentNeededError, match="Training and judging it there costs"):
        workshop.copy(other_emulator(workshop.payer.services), sections=sections)
    assert workshop.payer.bench.calls("CopyProjectVersion") == 0
    done = workshop.copy(consent=True, sections=sections)
    assert done.report.identical
