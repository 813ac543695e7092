"""Tests of judging a finished run's answers again."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import orjson
import pytest

from rcl_flow.core.scoring.advice import PastAdvice
from rcl_flow.core.scoring.material import Material
from rcl_flow.errors import (
    ConfigError,
    DatasetGateError,
    RclFlowError,
    StoreError,
    UnknownRunError,
)
from rcl_flow.pipeline.judging.reevaluating import Changes, evaluate_again
from rcl_flow.pipeline.judging.report_files import read_page, render_again
from rcl_flow.pipeline.judging.stored_answers import read_thresholds
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.report.page import EvaluationOf, ReportPage
from tests.unit.clocks import FakeClock
from tests.unit.pipeline.finished import REFUSED, Finished, bytes_below, objects, photographs
from tests.unit.report.documents import Document

BEST_F1 = {"thresholds": {"objective": "best_f1"}}
SAME_FILES = (
    *("advice.csv", "advice.json", "analysis.json", "comparison.json"),
    *("label-studio-config.xml", "label-studio-tasks.json", "thresholds.json"),
)
OTHER_FILES = ("junit.xml", "page.json", "report.html", "report.md")
"""They say that they are of an evaluation."""


def again(
    run: Finished, *overrides: str, thresholds: tuple[str, ...] = (), out: Path | None = None
) -> RunOutcome:
    """Judge the run again."""
    changes = Changes(overrides, thresholds)
    return evaluate_again(run.folder, changes, run.workspace, FakeClock(), out)


def folder_of(outcome: RunOutcome) -> Path:
    """Return where the files of an outcome are."""
    return Path(outcome.artifacts.report_html).parent


def page_of(outcome: RunOutcome) -> ReportPage:
    """Return the page of an outcome."""
    return read_page(folder_of(outcome))


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """What a finished run at the assumed thresholds leaves."""
    finished = Finished(tmp_path_factory.mktemp("left"))
    finished.leave()
    return finished


@pytest.fixture
def run(left: Finished, tmp_path: Path) -> Finished:
    """The finished run in a workspace of the test's own."""
    shutil.copytree(left.workspace, tmp_path, dirs_exist_ok=True)
    return replace(left, workspace=tmp_path)


@pytest.mark.parametrize("task", ["classification", "detection"])
@pytest.mark.parametrize("evaluation", [{}, BEST_F1], ids=["assumed", "tuned"])
def test_without_changes_all_is_as_the_run_left_it(
    tmp_path: Path, task: str, evaluation: Mapping[str, Any]
) -> None:
    """Score, gap, analysis, curves and shown images: from the files alone, to the last digit."""
    material = photographs() if task == "classification" else objects()
    run = Finished(tmp_path, material, evaluation, refused=REFUSED)
    page, before = run.leave(), bytes_below(run.folder)
    outcome = again(run)
    found = page_of(outcome)
    assert found.comparison == page.comparison
    assert found.analysis == page.analysis
    assert (found.curves, found.images) == (page.curves, page.images)
    assert (outcome.holdout, outcome.gap) == (page.comparison.holdout, page.comparison.gap)
    assert (outcome.decision, outcome.task) == (page.decision, task)
    after = bytes_below(run.folder)
    assert {name: after[name] for name in before} == before
    beside = folder_of(outcome).relative_to(run.folder)
    assert all(after[str(beside / name)] == before[name] for name in SAME_FILES)


def test_images_that_the_service_refused_are_still_told_of(tmp_path: Path) -> None:
    """No answer of theirs is stored, but that there was none is known."""
    run = Finished(tmp_path, refused=REFUSED)
    run.leave()
    assert page_of(again(run)).comparison.refused == REFUSED


@pytest.mark.parametrize("make", [photographs, objects])
def test_other_rules_give_what_a_run_by_them_gives(
    tmp_path: Path, make: Callable[[], Material]
) -> None:
    """From assumed to tuned thresholds and back; how the run itself had judged leaves no trace."""
    assumed = Finished(tmp_path / "assumed", make())
    tuned = Finished(tmp_path / "tuned", make(), BEST_F1)
    pages = assumed.leave(), tuned.leave()
    there = again(assumed, "evaluation.thresholds.objective=best_f1")
    back = again(tuned, "evaluation.thresholds.objective=assumed")
    assert pages[0].comparison != pages[1].comparison
    assert page_of(there).comparison == pages[1].comparison
    assert page_of(there).analysis == pages[1].analysis
    assert page_of(back).comparison == pages[0].comparison
    assert page_of(back).analysis == pages[0].analysis
    assert [out.holdout.images for out in (there, back)] == [
        page.comparison.holdout.images for page in pages[::-1]
    ]
    assert there.holdout.images < back.holdout.images


def test_near_duplicates_stay_together_without_the_measures(tmp_path: Path) -> None:
    """The groups are kept by the run: a lost cache does not part the holdout in another way."""
    material = photographs()
    digests = [image.sha256 for image in material.judged.images]
    groups = {digest: digests[0] for digest in digests[:40]}
    run = Finished(tmp_path, material, BEST_F1, groups=groups)
    page = run.leave()
    (run.workspace / "measures" / "v1.jsonl").unlink()
    found = page_of(again(run))
    assert found.comparison == page.comparison
    alone = Finished(tmp_path / "alone", material, BEST_F1).leave()
    assert alone.comparison != page.comparison


def test_threshold_of_one_label_is_judged_at(run: Finished) -> None:
    """The label's score is at the given threshold, those of the others as they were."""
    before = read_page(run.folder).comparison
    outcome = again(run, thresholds=("label 1=0.9",))
    labels = {label.label: label for label in outcome.labels}
    assert labels["label 1"].chosen_threshold == 0.9
    assert labels["label 0"].chosen_threshold is None
    assert labels["label 0"].holdout is not None
    assert before.labels[0].holdout is not None
    assert labels["label 0"].holdout.f1 == before.labels[0].holdout.f1
    assert read_thresholds(folder_of(outcome)) == {"label 0": 0.5, "label 1": 0.9, "label 2": 0.5}
    answers = run.material.judged
    found = sum(
        "label 1" in image.labels
        and answers.predictions[image.sha256].confidences_percent.get("label 1", 0) >= 90
        for image in answers.images
    )
    shown = sum("label 1" in image.labels for image in answers.images)
    assert labels["label 1"].holdout is not None
    assert labels["label 1"].holdout.recall == pytest.approx(found / shown)


def test_threshold_wins_over_a_set_rule(run: Finished) -> None:
    """`--threshold` names one label; whatever `--set` says of all of them."""
    outcome = again(
        run,
        'evaluation.thresholds={"objective": "fixed", "fixed": 0.7}',
        thresholds=("label 2=0.6", "label 2=0.65"),
    )
    assert read_thresholds(folder_of(outcome)) == {"label 0": 0.7, "label 1": 0.7, "label 2": 0.65}


def test_label_with_an_equals_sign_can_be_named(run: Finished) -> None:
    """What is after the last `=` is the ratio."""
    with pytest.raises(ConfigError, match=r"names 'a=b', which the model does not know"):
        again(run, thresholds=("a=b=0.5",))


def test_gates_are_asked_again(run: Finished) -> None:
    """The score stays; the decision is by the gate that was set, and junit.xml has the failure."""
    outcome = again(run, "gates.min_holdout_f1=0.999")
    assert outcome.decision.action == "keep"
    assert [reason.gate for reason in outcome.decision.reasons] == ["min_holdout_f1"]
    assert outcome.holdout == read_page(run.folder).comparison.holdout
    assert read_page(run.folder).decision.action == "promote"
    assert '<failure message="' in Path(outcome.artifacts.junit).read_text()
    assert "<failure" not in (run.folder / "junit.xml").read_text()


def test_past_advice_stays(tmp_path: Path) -> None:
    """It is about this run and the one before it, which judging again does not look for."""
    run = Finished(tmp_path)
    page = run.leave()
    assert page.analysis is not None
    past = (PastAdvice(advice=page.analysis.advice[0], followed=True, told="it paid"),)
    document = json.loads((run.folder / "page.json").read_text())
    document["analysis"]["past_advice"] = [past[0].model_dump(mode="json")]
    (run.folder / "page.json").write_text(json.dumps(document))
    found = page_of(again(run, "gates.min_label_f1=0.1")).analysis
    assert found is not None
    assert found.past_advice == past


def test_each_way_of_judging_has_a_folder_of_its_own(run: Finished) -> None:
    """The same changes come to the same folder, others to another; none is lost."""
    folders = [
        folder_of(again(run, *overrides))
        for overrides in ([], ["gates.min_holdout_f1=0.2"], ["gates.min_holdout_f1=0.2"])
    ]
    assert folders[1] == folders[2]
    assert {folder.parent for folder in folders} == {run.folder / "evaluations"}
    assert sorted(path.name for path in (run.folder / "evaluations").iterdir()) == sorted(
        folder.name for folder in folders[:2]
    )


def test_page_of_an_evaluation_tells_its_rules_and_leads_to_the_audit(run: Finished) -> None:
    """The config on the page is the one with the changes; the audit is the run's."""
    (run.folder / "audit.html").write_text("the audit")
    outcome = again(run, "evaluation.gap_margin=0.123")
    page = page_of(outcome)
    assert "gap_margin: 0.123" in page.provenance.config_text
    assert page.rules.gap_margin == 0.123
    links = Document(Path(outcome.artifacts.report_html).read_text()).all("a")
    (link,) = [a.attributes["href"] for a in links if "audit.html" in a.attributes["href"]]
    assert (folder_of(outcome) / link).read_text() == "the audit"
    assert Path(render_again(folder_of(outcome)).report_html).is_file()


def test_files_go_where_they_are_wanted(run: Finished, tmp_path: Path) -> None:
    """All of them, and the link to the audit is right from there; nothing goes elsewhere."""
    before, out = bytes_below(run.folder), tmp_path / "elsewhere"
    outcome = again(run, out=out)
    assert {path.name for path in out.iterdir()} == {*SAME_FILES, *OTHER_FILES}
    assert bytes_below(run.folder) == before
    assert outcome.artifacts.predictions == str(run.folder / "predictions.jsonl")
    artifacts = outcome.artifacts.model_dump(exclude={"predictions"}).values()
    assert all(Path(path).parent == out for path in artifacts if path)
    assert out / page_of(outcome).audit_page == out / os.path.relpath(
        run.folder / "audit.html", out
    )


def test_files_of_a_run_are_not_overwritten(run: Finished) -> None:
    """The folder of a run, this or another, takes no evaluation."""
    before = bytes_below(run.folder)
    with pytest.raises(ConfigError, match="is the folder of a run"):
        again(run, out=run.folder)
    assert bytes_below(run.folder) == before


def test_out_that_is_a_file_is_one_error(run: Finished, tmp_path: Path) -> None:
    """What cannot be written to is said with its path."""
    (tmp_path / "taken").write_text("mine")
    for out in (tmp_path / "taken", tmp_path / "taken" / "below"):
        with pytest.raises(ConfigError, match="taken is a file, not a folder") as caught:
            again(run, out=out)
        assert "Name another folder" in caught.value.hint
    assert (tmp_path / "taken").read_text() == "mine"


@pytest.mark.parametrize(
    "out", [".", "..", "mine", "evaluations", "../20261130T000000Z-new", "evaluations/../../other"]
)
def test_only_evaluations_lie_among_the_runs(run: Finished, out: str) -> None:
    """A folder that `gc` and `status` would take for a run's own is refused; one below is not."""
    before = bytes_below(run.workspace)
    with pytest.raises(ConfigError, match=r"among the runs|the folder of a run") as caught:
        again(run, out=run.folder / out)
    assert "Name another folder" in caught.value.hint
    assert bytes_below(run.workspace) == before
    assert again(run, out=run.folder / "evaluations" / "mine").evaluation is not None


def test_evaluation_says_what_it_is_an_evaluation_of(run: Finished) -> None:
    """In page, summary and test results: run, changes, the run's own figures, and when it was."""
    page = read_page(run.folder)
    outcome = again(run, "gates.min_holdout_f1=0.999", thresholds=("label 1=0.8", "label 1=0.9"))
    told = (
        f"Evaluation of run {run.folder.name}, changed: gates.min_holdout_f1=0.999, threshold "
        f"label 1=0.9; the run itself: F1 {page.comparison.holdout.f1:.3f}, promote."
    )
    assert page.evaluation is None
    assert outcome.evaluation == EvaluationOf(
        changes=("gates.min_holdout_f1=0.999", "threshold label 1=0.9"),
        run_f1=page.comparison.holdout.f1,
        run_action="promote",
        judged_at=FakeClock().now(),
    )
    document = Document(Path(outcome.artifacts.report_html).read_text())
    assert document.text_of("title").startswith("Evaluation, keep: ")
    assert document.all("p", **{"class": "banner"})[0].text == told
    moment = f"{FakeClock().now():%Y-%m-%d %H:%M:%S}"
    assert moment in document.all("p", **{"class": "subject"})[0].text
    assert f"judged {moment}" in document.text_of("footer")
    first = Path(outcome.artifacts.report_markdown).read_text().splitlines()[0]
    assert unescape(first) == f"**{told}**"
    junit = Path(outcome.artifacts.junit).read_text()
    assert f'<property name="evaluation" value="{told}" />' in junit
    assert f'timestamp="{FakeClock().now():%Y-%m-%dT%H:%M:%S}"' in junit
    assert 'name="rcl-flow.digits-demo.evaluation"' in junit
    assert "valuation" not in (run.folder / "report.md").read_text()
    assert "valuation" not in (run.folder / "junit.xml").read_text()


@pytest.mark.parametrize("override", ["evaluation.resamples=200", "gates.min_holdout_images=20"])
def test_setting_what_was_set_changes_nothing(run: Finished, override: str) -> None:
    """What comes to the run's own rules is no change."""
    for overrides in ((), (override,)):
        found = again(run, *overrides).evaluation
        assert found is not None
        assert found.changes == ()


def test_thresholds_set_by_hand_are_cautioned_of(run: Finished) -> None:
    """On the page, in the summary and in the outcome; the service's own threshold is not one."""
    told = (
        "2 thresholds were set by hand; if they were chosen by looking at these images, the score "
        "is flattered."
    )
    outcome = again(run, thresholds=("label 0=0.5", "label 1=0.9", "label 2=0.4"))
    assert outcome.cautions == (told,)
    banners = Document(Path(outcome.artifacts.report_html).read_text()).all(
        "p", **{"class": "banner"}
    )
    assert banners[-1].text == f"Caution. {told}"
    assert f"> **Caution.** {told}" in Path(outcome.artifacts.report_markdown).read_text()
    assert again(run, "evaluation.thresholds.objective=best_f1").cautions == ()
    assert again(run).cautions == ()


def test_figures_at_different_thresholds_say_so(run: Finished) -> None:
    """Holdout minus test is not the gap there; each says at which thresholds it is."""
    outcome = again(run, thresholds=("label 1=0.9",))
    assumed = outcome.holdout_at_assumed
    assert assumed is not None
    assert assumed.f1 != outcome.holdout.f1
    document = Document(Path(outcome.artifacts.report_html).read_text())
    tiles = {tile.text.split(" ")[0]: tile.text for tile in document.all("dd")[:3]}
    assert (
        f"at the chosen thresholds; {assumed.f1:.3f} at the assumed thresholds"
        in tiles[f"{outcome.holdout.f1:.3f}"]
    )
    heads = [head.text for head in document.all("th")]
    assert "F1 holdout at the chosen thresholds" in heads
    assert "Gap at the assumed thresholds" in heads
    charts = [chart.attributes.get("aria-label", "") for chart in document.all("svg")]
    assert charts[0].startswith("Test: ")
    assert f"; Holdout, assumed: {assumed.f1:.3f} [" in charts[0]
    captions = [caption.text for caption in document.all("figcaption")]
    assert captions[1].startswith("Holdout F1 minus test F1, both at the assumed thresholds.")
    summary = Path(outcome.artifacts.report_markdown).read_text()
    assert f"| Holdout, at the assumed thresholds | {assumed.images} |" in summary
    assert "| Gap, at the assumed thresholds, margin 0.050 |" in summary
    assert "at the assumed" not in (run.folder / "report.md").read_text()


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("inference.concurrency=4", "Only fields of `evaluation` and `gates` can be set"),
        ("project=other", "Only fields of `evaluation` and `gates` can be set"),
        ("garbage", "is not of the form section.field=value"),
        ("=1", "is not of the form section.field=value"),
        ("evaluation.resamples=many", r"--set evaluation\.resamples: evaluation\.resamples: "),
        ("evaluation.resample=300", "unknown key; did you mean 'resamples'"),
        ("evaluation=7", "--set evaluation: evaluation"),
        ("gates.min_holdout_f1=2", r"--set gates\.min_holdout_f1"),
        ("gates.min_holdout_f1=[", "is not a YAML value"),
        ("evaluation.thresholds.objective=precision", "needs 'min_precision'"),
        ("evaluation.thresholds.labels.yak.objective=best_f1", "'yak', which the model does not"),
    ],
)
def test_wrong_settings_are_one_clear_error(run: Finished, override: str, told: str) -> None:
    """What cannot be set says so, and nothing is written."""
    before = bytes_below(run.folder)
    with pytest.raises(ConfigError, match=told):
        again(run, override)
    assert bytes_below(run.folder) == before


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("label 1", "'label 1' is not of the form LABEL=RATIO"),
        ("=0.5", "'=0.5' is not of the form LABEL=RATIO"),
        ("", "'' is not of the form LABEL=RATIO"),
        ("label 1=", "label 1: '' is no ratio from 0 to 1"),
        ("label 1=50", "label 1: '50' is no ratio from 0 to 1"),
        ("label 1=-0.1", "label 1: '-0.1' is no ratio from 0 to 1"),
        ("label 1=nan", "label 1: 'nan' is no ratio from 0 to 1"),
        ("label 1=[", r"label 1: '\[' is no ratio from 0 to 1"),
        ("label 1=2001-99-99", "label 1: '2001-99-99' is no ratio from 0 to 1"),
        ("yak=0.5", "names 'yak', which the model does not know"),
    ],
)
def test_wrong_thresholds_are_one_clear_error(run: Finished, given: str, told: str) -> None:
    """A label that is not there, a ratio that is none, or no `=`; nothing is written."""
    before = bytes_below(run.folder)
    with pytest.raises(ConfigError, match=told):
        again(run, thresholds=(given,))
    assert bytes_below(run.folder) == before


def test_holdout_too_small_to_tune_is_refused(tmp_path: Path) -> None:
    """The gate says how many images calibration needs; what to set is in the hint."""
    run = Finished(tmp_path, objects(images=30))
    run.leave()
    with pytest.raises(DatasetGateError, match="at least 20 are needed") as caught:
        again(run, "evaluation.thresholds.objective=best_f1")
    assert "evaluation.thresholds.calibration_share" in caught.value.hint
    assert not (run.folder / "evaluations").exists()


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("page.json", UnknownRunError, "has left no results that can be read"),
        ("material.json", UnknownRunError, "has left nothing that can be judged again"),
        ("predictions.jsonl", UnknownRunError, "line 160 is not a prediction"),
        ("certificate.json", StoreError, r"certificate .* cannot be read"),
    ],
)
@pytest.mark.parametrize("how", ["torn", "gone", "garbled", "a folder"])
def test_unreadable_files_are_one_clear_error(
    run: Finished, name: str, kind: type[RclFlowError], told: str, how: str
) -> None:
    """A file that is cut off, lost or no text: which one it is, and no score is made of half."""
    path = run.folder / name
    content = path.read_bytes()
    path.unlink()
    if how == "torn":
        path.write_bytes(content[:-20])
    elif how == "garbled":
        path.write_bytes(b"\xff\xfe\x00")
    elif how == "a folder":
        path.mkdir()
    before = bytes_below(run.folder)
    told = {"predictions.jsonl": "cannot read"}.get(name, told) if how != "torn" else told
    with pytest.raises(kind, match=told) as caught:
        again(run)
    assert caught.value.hint
    assert bytes_below(run.folder) == before


@pytest.mark.parametrize("rules", [{}, BEST_F1])
def test_answers_that_were_lost_by_the_line_make_no_score(
    tmp_path: Path, rules: Mapping[str, Any]
) -> None:
    """Each line that is left is sound, so only their number tells; the hint says what helps."""
    run = Finished(tmp_path, evaluation=rules)
    run.leave()
    path = run.folder / "predictions.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    again(run)
    path.write_bytes(b"".join(lines[:-1]))
    told = f"it has {len(lines) - 1} images, and the run had {len(lines)}"
    with pytest.raises(UnknownRunError, match=told) as caught:
        again(run)
    assert f"Remove {run.folder / 'run.json'}" in caught.value.hint


def test_config_of_another_version_is_one_clear_error(run: Finished) -> None:
    """A field that this version does not know is not taken for a mistake of the user's."""
    document = orjson.loads((run.folder / "page.json").read_bytes())
    document["provenance"]["config_text"] += "colour: red\n"
    (run.folder / "page.json").write_bytes(orjson.dumps(document))
    with pytest.raises(UnknownRunError, match=r"another version.*colour: unknown key") as caught:
        again(run)
    assert "Run its config again" in caught.value.hint


def test_config_that_left_its_rules_out_can_be_changed(run: Finished) -> None:
    """Where an earlier version wrote no `evaluation`, the defaults hold, and all can be set."""
    page = read_page(run.folder)
    config = run.config.model_dump(mode="json", exclude={"evaluation"})
    document = orjson.loads((run.folder / "page.json").read_bytes())
    document["provenance"]["config_text"] = json.dumps(config)
    (run.folder / "page.json").write_bytes(orjson.dumps(document))
    outcome = again(run, "evaluation.resamples=200", thresholds=("label 0=0.5",))
    assert outcome.holdout == page.comparison.holdout


def test_page_without_analysis_is_judged_with_one(run: Finished) -> None:
    """A page of an earlier version had none; judging again finds reasons and advice."""
    document = orjson.loads((run.folder / "page.json").read_bytes())
    document |= {"analysis": None, "audit_page": ""}
    (run.folder / "page.json").write_bytes(orjson.dumps(document))
    page = page_of(again(run))
    assert page.analysis == run.scored().analysis
    assert page.audit_page == ""
