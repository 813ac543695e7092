"""Tests of what a judged model leaves in a folder, and of rendering it again."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from rcl_flow.core.scoring.advice import Advice
from rcl_flow.core.scoring.analysis import Analysis
from rcl_flow.core.scoring.comparison import Comparison
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.core.scoring.scored import Scored
from rcl_flow.errors import UnknownRunError
from rcl_flow.pipeline.judging.report_files import (
    artifacts_in,
    outcome_of,
    read_page,
    render_again,
    shown_of,
    write_scored,
)
from rcl_flow.pipeline.judging.stored_answers import read_answers
from rcl_flow.report.page import ReportPage
from tests.unit.pipeline.finished import Finished, bytes_below, objects, photographs
from tests.unit.pipeline.runs.test_outcome_schema import SCHEMA, broken_rules

RENDERED = ("report.html", "report.md", "junit.xml")


@pytest.fixture
def run(tmp_path: Path) -> tuple[Finished, ReportPage]:
    """A finished run and its page."""
    finished = Finished(tmp_path)
    return finished, finished.leave()


def in_s3(material: Material) -> Material:
    """Return the same holdout as if its images lay in a bucket; the first is surely mislabelled."""
    images = [replace(each, uri=f"s3://acme/{each.sha256}.png") for each in material.judged.images]
    images[0] = replace(images[0], labels=("label 0",))
    sure = {"label 0": 0.1, "label 1": 99.9, "label 2": 0.1}
    said = Prediction(sha256=images[0].sha256, confidences_percent=sure)
    predictions = {**material.judged.predictions, images[0].sha256: said}
    judged = replace(material.judged, images=tuple(images), predictions=predictions)
    return replace(material, judged=judged)


def advice_with_images(scored: Scored) -> list[Advice]:
    """Return the advice that is about single images."""
    return [each for each in scored.analysis.advice if each.images]


def test_every_artifact_is_there_and_readable(run: tuple[Finished, ReportPage]) -> None:
    """Each named file is in the folder, in the form that its name says."""
    finished, page = run
    artifacts = artifacts_in(finished.folder)
    named = {name: Path(path) for name, path in artifacts.model_dump().items() if path}
    assert all(path.stat().st_size for path in named.values())
    assert page.analysis is not None
    assert Comparison.model_validate_json(named["comparison"].read_bytes()) == page.comparison
    assert Analysis.model_validate_json(named["analysis"].read_bytes()) == page.analysis
    advice = [Advice.model_validate(each) for each in orjson.loads(named["advice"].read_bytes())]
    assert tuple(advice) == page.analysis.advice
    rows = list(csv.DictReader(named["advice_csv"].read_text().splitlines()))
    assert {row["rank"] for row in rows} == {str(each.rank) for each in advice}
    assert isinstance(json.loads(named["label_studio_tasks"].read_text()), list)
    assert named["label_studio_config"].read_text().startswith("<View>")
    assert json.loads(named["thresholds"].read_text())["format_version"] == 2
    assert named["junit"].read_text().startswith("<?xml")
    assert named["report_html"].read_text().startswith("<!DOCTYPE html>")
    assert "# " in named["report_markdown"].read_text()
    assert len(read_answers(finished.folder).images) == 160


def test_files_of_the_audit_are_named_where_they_are(run: tuple[Finished, ReportPage]) -> None:
    """A run has them, an evaluation of it has not."""
    folder = run[0].folder
    names = ("audit", "audit_html", "audit_sarif", "certificate")
    files = ("audit.json", "audit.html", "audit.sarif", "certificate.json")
    before = artifacts_in(folder).model_dump(include=set(names))
    assert before == {**dict.fromkeys(names, ""), "certificate": str(folder / "certificate.json")}
    for file in files[:3]:
        (folder / file).write_text("found")
    for found in (artifacts_in(folder), render_again(folder)):
        assert found.model_dump(include=set(names)) == {
            name: str(folder / file) for name, file in zip(names, files, strict=True)
        }


@pytest.mark.parametrize("finished", [True, False])
def test_hint_on_a_torn_page_is_what_helps(
    run: tuple[Finished, ReportPage], finished: bool
) -> None:
    """A finished run is not done again while its outcome is there; an interrupted one is."""
    folder = run[0].folder
    (folder / "page.json").write_text("{")
    if finished:
        (folder / "run.json").write_text("{}")
    with pytest.raises(UnknownRunError) as caught:
        read_page(folder)
    assert (
        f"remove {folder / 'run.json'} and run its config again" in caught.value.hint
    ) == finished
    assert ("Finish it by running its config again." in caught.value.hint) != finished


def test_thresholds_are_of_the_model(run: tuple[Finished, ReportPage]) -> None:
    """thresholds.json names the version that they belong to."""
    finished, page = run
    document = json.loads((finished.folder / "thresholds.json").read_text())
    assert document["project_version_arn"] == page.provenance.project_version_arn


def test_page_is_read_back_whole(run: tuple[Finished, ReportPage]) -> None:
    """What is read is what was written, to the last digit."""
    finished, page = run
    assert read_page(finished.folder) == page


def test_rendering_again_gives_the_same_bytes(run: tuple[Finished, ReportPage]) -> None:
    """Page, summary and test results, from page.json alone; nothing else is touched."""
    finished, _ = run
    before = bytes_below(finished.folder)
    for name in RENDERED:
        (finished.folder / name).unlink()
    artifacts = render_again(finished.folder)
    assert bytes_below(finished.folder) == before
    assert artifacts == artifacts_in(finished.folder)


@pytest.mark.parametrize("content", [None, "", "{}", '{"comparison": '])
def test_run_without_a_readable_page_is_one_clear_error(
    tmp_path: Path, content: str | None
) -> None:
    """Nothing is rendered of a run that has not finished, or whose page is torn."""
    folder = tmp_path / "20261129T120000Z-0123abcd"
    folder.mkdir()
    if content is not None:
        (folder / "page.json").write_text(content)
    for act in (read_page, render_again):
        with pytest.raises(UnknownRunError, match="The run 20261129T120000Z-0123abcd has left no"):
            act(folder)
    assert not (folder / "report.html").exists()


def test_manifest_of_advice_is_there_when_images_lie_in_s3(tmp_path: Path) -> None:
    """It has the advised images that Ground Truth can read, and the outcome names it."""
    run = Finished(tmp_path, in_s3(photographs()))
    page = run.leave()
    advised = advice_with_images(run.scored())
    assert advised
    artifacts = artifacts_in(run.folder)
    lines = [json.loads(line) for line in Path(artifacts.advice_manifest).read_text().splitlines()]
    wanted = {i.uri for each in advised for i in each.images if i.uri.startswith("s3://")}
    assert {line["source-ref"] for line in lines} == wanted
    assert outcome_of(page, artifacts).artifacts.advice_manifest == artifacts.advice_manifest


def test_manifest_of_earlier_advice_does_not_stay(tmp_path: Path) -> None:
    """What is judged into the same folder anew has its own advice, or none."""
    Finished(tmp_path, in_s3(photographs())).leave()
    run = Finished(tmp_path)
    assert artifacts_in(run.folder).advice_manifest
    run.leave()
    assert artifacts_in(run.folder).advice_manifest == ""


def test_outcome_is_the_page_in_the_published_form(run: tuple[Finished, ReportPage]) -> None:
    """Scores, reasons, advice and warnings are the page's; the document fits the schema."""
    finished, page = run
    outcome = outcome_of(page, artifacts_in(finished.folder))
    assert page.analysis is not None
    assert (outcome.holdout, outcome.gap) == (page.comparison.holdout, page.comparison.gap)
    assert outcome.test.f1 == page.comparison.test.f1
    assert outcome.reasons == page.analysis.reasons.sentences
    assert [each.told for each in outcome.advice] == [each.told for each in page.analysis.advice]
    assert len(outcome.warnings) == len(page.audit.warnings) == 2
    assert list(broken_rules(json.loads(outcome.model_dump_json()), SCHEMA)) == []


def test_outcome_of_a_page_without_analysis_has_neither_reasons_nor_advice(
    run: tuple[Finished, ReportPage],
) -> None:
    """Such pages were left by an earlier version; their scores are as good."""
    finished, page = run
    outcome = outcome_of(replace(page, analysis=None), artifacts_in(finished.folder))
    assert (outcome.reasons, outcome.advice) == ((), ())
    assert outcome.holdout == page.comparison.holdout


def test_images_of_the_worst_parts_can_be_shown(tmp_path: Path) -> None:
    """Whatever a slice names is among the images that the page may show."""
    scored = Finished(tmp_path).scored()
    named = {sha256 for each in scored.analysis.reasons.slices for sha256 in each.sha256s}
    shown = {each.sha256 for each in shown_of(scored)}
    assert {mistake.sha256 for mistake in scored.comparison.mistakes} <= shown
    assert named <= shown


def test_files_are_the_same_wherever_they_are_written(tmp_path: Path) -> None:
    """No path, time or chance is in them: the same score is the same bytes."""
    run = Finished(tmp_path, objects())
    page, scored = run.leave(), run.scored()
    for name in ("one", "two"):
        write_scored(scored, page, tmp_path / name)
    assert bytes_below(tmp_path / "one") == bytes_below(tmp_path / "two")
    assert (tmp_path / "one" / "report.html").read_bytes() == (
        run.folder / "report.html"
    ).read_bytes()
