"""Tests of judging a run's model: what it keeps, and which earlier run's advice it looks at."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from rcl_flow.core.audit.findings import AuditReport
from rcl_flow.core.datasets.dataset import Dataset, Datasets
from rcl_flow.core.naming import seed_of
from rcl_flow.core.scoring.advice import Advice
from rcl_flow.core.scoring.scored import Scored
from rcl_flow.errors import StoreError
from rcl_flow.pipeline.data.auditing import AuditedData
from rcl_flow.pipeline.data.certificates import CERTIFICATE_NAME, keep_certificate
from rcl_flow.pipeline.data.known_images import MATERIAL_NAME, read_material
from rcl_flow.pipeline.judging.report_files import shown_of, write_scored
from rcl_flow.pipeline.judging.scoring import score_run
from rcl_flow.pipeline.runs.run import Run
from tests.builders import dataset, image
from tests.unit.pipeline.bench import Bench
from tests.unit.pipeline.finished import certificate, photographs
from tests.unit.report.pages import build_page

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/shades/version/{}/1"
OTHER_HOLDOUT = "c4" * 32
FEW = dataset("train", [image(f"t{n}", "label 0") for n in range(20)])
MORE = dataset("train", [image(f"t{n}", "label 0") for n in range(500)])


@dataclass(frozen=True)
class Model:
    """A trained model and the data that it was made of and is judged on."""

    name: str
    train: Dataset = FEW
    holdout_digest: str = "e1" * 32

    @property
    def arn(self) -> str:
        """The project version's."""
        return ARN.format(self.name)

    @property
    def audited(self) -> AuditedData:
        """Its datasets."""
        material = photographs()
        holdout = Dataset("holdout", material.judged.images)
        test = dataset("test", tuple(material.test_images.values()))
        return AuditedData(
            datasets=Datasets(holdout, self.train, test),
            measures=material.measures,
            report=AuditReport(findings=()),
            certificate=certificate(self.holdout_digest),
        )


def score(model: Model, run: Run) -> Scored:
    """Judge the model as a run does."""
    material = photographs()
    audited = model.audited
    keep_certificate(audited.certificate, run.folder)
    return score_run(material.evaluation, material.judged, audited, model.arn, run)


def finish(model: Model, run: Run) -> Scored:
    """Judge the model, leave the files and end the run."""
    scored = score(model, run)
    page = replace(build_page(), comparison=scored.comparison, images=shown_of(scored))
    write_scored(scored, page, run.folder)
    run.update(status="completed", project_version_arn=model.arn)
    return scored


def run_of(bench: Bench, number: int, project: str = "shades") -> Run:
    """Return the run that a config which differs by `number` starts, a minute after the last."""
    bench.clock.sleep(60)
    gates = {"min_holdout_images": number}
    return bench.run(evaluation={"resamples": 200}, gates=gates, project=project)


@pytest.fixture
def first(bench: Bench) -> Scored:
    """The project's first run, finished; its model gets advice."""
    scored = finish(Model("one"), run_of(bench, 1))
    assert scored.analysis.advice
    return scored


def past_of(scored: Scored) -> list[str]:
    """Return what the advice was that became past."""
    return [each.advice.told for each in scored.analysis.past_advice]


def told_of(scored: Scored) -> list[str]:
    """Return what is advised."""
    return [each.told for each in scored.analysis.advice]


def test_run_keeps_what_judging_again_needs(bench: Bench) -> None:
    """material.json is there as soon as the model is judged; the training images are counted."""
    run = run_of(bench, 1)
    scored = score(Model("one"), run)
    kept = read_material(run.folder)
    assert kept.evaluation == scored.material.evaluation
    assert kept.training_images == {"label 0": 20}
    assert scored.material.training_images == kept.training_images
    assert scored.material.measures == photographs().measures


def test_same_holdout_gets_the_same_intervals(bench: Bench) -> None:
    """The seed is of the holdout's content; another holdout has another."""
    runs = [run_of(bench, number) for number in (1, 2, 3)]
    one, again, other = (
        score(replace(Model("one"), holdout_digest=digest), run).comparison.holdout
        for digest, run in zip(("e1" * 32, "e1" * 32, OTHER_HOLDOUT), runs, strict=True)
    )
    assert one == again
    assert (one.f1, one.f1_interval) != (other.f1, other.f1_interval)
    assert seed_of("e1" * 32) == 0xE1E1E1E1E1E1E1E1


def test_first_run_has_no_past_advice(first: Scored) -> None:
    """There is nothing that could have been followed."""
    assert past_of(first) == []


def test_second_model_is_asked_for_the_first_ones_advice(bench: Bench, first: Scored) -> None:
    """All of it, with the first model's score."""
    second = score(Model("two", train=MORE), run_of(bench, 2))
    assert past_of(second) == told_of(first)
    (before,) = {each.f1_before for each in second.analysis.past_advice} - {None}
    assert before == first.comparison.holdout.f1


def test_training_images_of_both_runs_tell_whether_advice_was_followed(bench: Bench) -> None:
    """The first run had 20 of the label, the second has 500; 40 more were asked for."""
    run = run_of(bench, 1)
    scored = finish(Model("one"), run)
    wanted = Advice(
        rank=1,
        action="collect",
        labels=("label 0",),
        images_wanted=40,
        told="Collect about 40 more images of label 0.",
        evidence=(),
        practice="D1",
    )
    analysis = scored.analysis.model_copy(update={"advice": (wanted,)})
    (run.folder / "analysis.json").write_text(analysis.model_dump_json())
    (past,) = score(Model("two", train=MORE), run_of(bench, 2)).analysis.past_advice
    assert (past.advice, past.followed) == (wanted, True)
    assert past.told.startswith("label 0: 480 training images more; F1 from ")
    (same,) = score(Model("two"), run_of(bench, 3)).analysis.past_advice
    assert same.followed is False


def test_same_model_judged_again_is_no_second_model(bench: Bench, first: Scored) -> None:
    """Other gates are another run of the same model: its own advice cannot have been followed."""
    assert past_of(score(Model("one"), run_of(bench, 2))) == []
    finish(Model("two"), run_of(bench, 3))
    assert past_of(score(Model("two"), run_of(bench, 4))) == told_of(first)


def test_newest_of_several_earlier_runs_is_asked(bench: Bench, first: Scored) -> None:
    """Advice from long ago was followed long ago, or not."""
    changed = replace(Model("two", train=MORE), holdout_digest=OTHER_HOLDOUT)
    second = finish(changed, run_of(bench, 2))
    third = score(Model("three"), run_of(bench, 3))
    assert past_of(third) == told_of(second)
    assert told_of(second) != [] != told_of(first)
    assert all(each.change_interval is None for each in third.analysis.past_advice)


@pytest.mark.parametrize(
    "name", [MATERIAL_NAME, CERTIFICATE_NAME, "analysis.json", "comparison.json"]
)
@pytest.mark.parametrize("how", ["gone", "torn"])
def test_unreadable_run_is_skipped(bench: Bench, first: Scored, name: str, how: str) -> None:
    """The next older one is asked in its place; the run itself is not stopped by it."""
    broken = run_of(bench, 2)
    finish(Model("two"), broken)
    damage(broken.folder / name, how)
    assert past_of(score(Model("three"), run_of(bench, 3))) == told_of(first)


def damage(path: Path, how: str) -> None:
    """Remove a file, or cut it off in the middle."""
    content = path.read_bytes()
    path.unlink()
    if how == "torn":
        path.write_bytes(content[: len(content) // 2])


def test_only_finished_runs_of_this_project_and_backend_count(bench: Bench) -> None:
    """A run that failed, one of another project and one on AWS have no advice for this model."""
    failed, foreign, on_aws = (
        run_of(bench, 1),
        run_of(bench, 2, project="others"),
        run_of(bench, 3),
    )
    for name, run in (("a", failed), ("b", foreign), ("c", on_aws)):
        finish(Model(name), run)
    failed.update(status="failed")
    backend = on_aws.record.backend.model_copy(update={"kind": "aws"})
    on_aws.record = on_aws.record.model_copy(update={"backend": backend})
    on_aws.update(status="completed")
    assert past_of(score(Model("two"), run_of(bench, 4))) == []


def test_lost_certificate_is_one_clear_error(bench: Bench) -> None:
    """Without it nothing says which holdout it is."""
    run = run_of(bench, 1)
    (run.folder / CERTIFICATE_NAME).write_text(json.dumps({"format_version": 1}))
    material = photographs()
    model = Model("one")
    with pytest.raises(StoreError, match="certificate"):
        score_run(material.evaluation, material.judged, model.audited, model.arn, run)
