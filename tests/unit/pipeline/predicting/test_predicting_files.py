"""Tests of asking a model about any images: one start, each image once, everything written."""

import csv
import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from rcl_flow.config import FlowConfig
from rcl_flow.core.scoring.predictions import RefusedImage
from rcl_flow.errors import (
    AwsRefusedError,
    BudgetExceededError,
    ConfigError,
    ConsentNeededError,
    DataNotFoundError,
    RunHeldError,
    UnknownRunError,
)
from rcl_flow.pipeline.predicting.kept_predictions import predictions_path
from rcl_flow.pipeline.predicting.kept_refusals import (
    exchange_refusals,
    keep_refusals,
    read_refusals,
    refusals_path,
)
from rcl_flow.pipeline.predicting.predicting_files import FilesWanted, PredictOutcome, predict_files
from rcl_flow.pipeline.runs.events import Event, Notice, StepFinished
from rcl_flow.pipeline.runs.opening import leased
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.state.ledger import entries_of
from rcl_flow.pipeline.state.records import list_armed, list_runs
from tests.emulator.builders import png
from tests.unit.pipeline.bench import LABELS, Bench
from tests.unit.pipeline.hosted import keep

THRESHOLDS = {"format_version": 2, "thresholds": {"red": 0.4, "green": 0.4, "blue": 0.4}}


@pytest.fixture
def run(bench: Bench) -> Run:
    """Return a run of the project."""
    return bench.run()


@pytest.fixture
def version(bench: Bench, run: Run) -> TrainedVersion:
    """Return a version that no run has judged."""
    return bench.trained(run)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Return a folder of nine images without labels, one of them there twice."""
    folder = tmp_path / "photos"
    (folder / "belt").mkdir(parents=True)
    for label in LABELS:
        for number in range(3):
            (folder / f"{label}{number}.png").write_bytes(png(label, 30 + number))
    (folder / "belt" / "again.png").write_bytes(png("red", 30))
    return folder


def predict(
    run: Run, version: TrainedVersion, *places: Path | str, **more: object
) -> PredictOutcome:
    """Ask the version about the places."""
    wanted = FilesWanted(tuple(map(str, places)), version_arn=version.version_arn, **more)  # type: ignore[arg-type]  # of the members' types
    return predict_files(run.config, wanted, run.services)


def lines_of(outcome: PredictOutcome) -> list[dict[str, object]]:
    """Return the lines of predictions.jsonl."""
    return [json.loads(line) for line in outcome.files.jsonl.read_text().splitlines()]


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file by its header."""
    return list(csv.DictReader(io.StringIO(path.read_text())))


def test_predict_asks_for_each_content_once_and_stops_the_model(
    bench: Bench, run: Run, version: TrainedVersion, photos: Path, tmp_path: Path
) -> None:
    """Ten files of nine contents: one start, nine calls, ten lines, nothing running."""
    thresholds = tmp_path / "thresholds.json"
    thresholds.write_text(json.dumps(THRESHOLDS))
    outcome = predict(run, version, photos, thresholds=thresholds, out=tmp_path / "out")
    assert (outcome.status, outcome.asked, outcome.model_status) == ("completed", 9, "STOPPED")
    assert bench.calls("StartProjectVersion") == 1
    assert bench.calls("DetectCustomLabels") == 9
    assert list_armed(run.services.store) == []
    lines = lines_of(outcome)
    assert [line["uri"] for line in lines] == sorted(str(p) for p in photos.rglob("*.png"))
    rows = rows_of(tmp_path / "out" / "predictions.csv")
    assert [row["image"] for row in rows] == [line["uri"] for line in lines]
    assert [row["labels"].split("|") for row in rows] == [
        line["predicted"] or [""] for line in lines
    ]
    by_name = {Path(row["image"]).stem: row for row in rows}
    assert by_name["again"]["confidences_percent"] == by_name["red0"]["confidences_percent"]
    assert sum(outcome.files.images_by_label.values()) >= 10 - outcome.files.without_label
    assert outcome.files.boxes_csv is None


def test_predict_starts_nothing_when_all_is_known(
    bench: Bench, run: Run, version: TrainedVersion, photos: Path
) -> None:
    """The same command a second time is free and writes the same; other files, the same answers."""
    first = predict(run, version, photos)
    again = predict(run, version, photos)
    assert (again.status, again.asked) == ("unchanged", 0)
    assert again.files == first.files
    assert again.estimated_usd == first.estimated_usd
    part = predict(run, version, photos / "belt", photos / "blue*.png")
    assert (part.asked, len(lines_of(part))) == (0, 4)
    assert bench.calls("StartProjectVersion") == 1
    assert bench.calls("DetectCustomLabels") == 9


def test_predict_goes_on_where_it_was_ended(
    bench: Bench, run: Run, version: TrainedVersion, photos: Path
) -> None:
    """An image that was answered before a call was refused is not asked for again."""
    path = predictions_path(run.services.workspace, version.version_arn)
    predict(run, version, photos)
    whole = path.read_text().splitlines()
    path.write_text("".join(f"{line}\n" for line in whole[:4]))
    bench.arm("DetectCustomLabels", "AccessDeniedException", times=None)
    with pytest.raises(AwsRefusedError):
        predict(run, version, photos)
    assert bench.status(version) == "STOPPED"
    assert list_armed(run.services.store) == []
    bench.world.faults.clear()
    before = bench.calls("DetectCustomLabels")
    outcome = predict(run, version, photos)
    assert (outcome.asked, bench.calls("DetectCustomLabels") - before) == (5, 5)
    entries = entries_of(run.services.store, run.services.backend.identity)
    mine = [entry for entry in entries if entry.run_id == outcome.use_id]
    assert len(mine) == 3  # every start is entered, and all under the id of this work
    assert [record.run_id for record in list_runs(run.services.store)] == [run.run_id]


def test_predict_tells_what_cannot_be_used_and_asks_for_the_rest(
    bench: Bench, run: Run, version: TrainedVersion, photos: Path
) -> None:
    """A broken file, a format that the service does not take, a text: all told, none fatal."""
    (photos / "broken.png").write_bytes(b"no picture")
    (photos / "old.gif").write_bytes(b"GIF89a")
    (photos / "notes.txt").write_text("not an image")
    (photos / ".hidden.png").write_bytes(png("red", 1))
    outcome = predict(run, version, photos, photos / "notes.txt")
    assert [Path(one.uri).name for one in outcome.gathered.unusable] == [
        "broken.png",
        "notes.txt",
        "old.gif",
    ]
    problems = {Path(row["image"]).name: row["problem"] for row in rows_of(outcome.files.csv)}
    assert "neither PNG nor JPEG" in problems["broken.png"]
    assert "not a format" in problems["old.gif"]
    assert problems["red0.png"] == ""
    assert len(problems) == 13


def test_predict_lists_refused_images_and_does_not_ask_again(
    bench: Bench, run: Run, version: TrainedVersion, photos: Path
) -> None:
    """One image that the service refuses neither fails the rest nor costs a start every time."""
    bench.arm("DetectCustomLabels", "ImageTooLargeException")
    first = predict(run, version, photos)
    (refused,) = first.refused
    assert refused.code == "ImageTooLargeException"
    assert "ImageTooLargeException" in {
        row["problem"].split(":")[0] for row in rows_of(first.files.csv)
    }
    again = predict(run, version, photos)
    assert (again.status, again.refused) == ("unchanged", first.refused)
    assert bench.calls("StartProjectVersion") == 1


def test_predict_uses_the_services_thresholds_where_no_run_has_judged(
    run: Run, version: TrainedVersion, photos: Path
) -> None:
    """They are assumed by the service, and the outcome says so."""
    outcome = predict(run, version, photos)
    assert outcome.thresholds.source == "the service's assumed thresholds"
    assert set(outcome.thresholds.by_label) == set(LABELS)


def test_predict_leaves_a_kept_model_running(
    bench: Bench, run: Run, version: TrainedVersion, photos: Path
) -> None:
    """What serves is used; neither started nor stopped nor paid for by this work."""
    keep(bench, version, run)
    outcome = predict(run, version, photos)
    assert (outcome.asked, outcome.model_status, outcome.estimated_usd) == (9, "RUNNING", 0.0)
    assert bench.calls("StartProjectVersion") == 1


def test_predict_counts_what_the_model_costs(
    bench: Bench, run: Run, version: TrainedVersion, photos: Path
) -> None:
    """Under an id of its own: no run's budget is used up by it."""

    def slowly(**_: object) -> None:
        bench.clock.pass_by(100)

    event = "before-call.rekognition.DetectCustomLabels"
    bench.client.meta.events.register(event, slowly)
    try:
        outcome = predict(run, version, photos)
    finally:
        bench.client.meta.events.unregister(event, slowly)
    assert outcome.inference_seconds >= 900
    assert outcome.estimated_usd == pytest.approx(outcome.inference_seconds * 4 / 3600)
    assert outcome.use_id.startswith("predict-")


def test_predict_ends_with_the_budget(
    bench: Bench, run: Run, version: TrainedVersion, photos: Path
) -> None:
    """The model is stopped and what was answered is kept, as in a run."""
    poor = FlowConfig.model_validate(
        {
            **run.config.model_dump(),
            "budget": {"max_inference_minutes": 1},
            "inference": {"concurrency": 1},
        }
    )

    def slowly(**_: object) -> None:
        bench.clock.pass_by(30)

    event = "before-call.rekognition.DetectCustomLabels"
    bench.client.meta.events.register(event, slowly)
    wanted = FilesWanted((str(photos),), version_arn=version.version_arn)
    try:
        with pytest.raises(BudgetExceededError):
            predict_files(poor, wanted, run.services)
    finally:
        bench.client.meta.events.unregister(event, slowly)
    assert bench.status(version) == "STOPPED"
    assert 0 < bench.calls("DetectCustomLabels") < 9


def test_predict_wants_consent_on_aws_before_it_starts(
    bench: Bench, run: Run, version: TrainedVersion, photos: Path
) -> None:
    """The price of an hour is told; nothing is asked for when nothing is missing."""
    aws = run.config.model_copy(update={"backend": "aws"})
    wanted = FilesWanted((str(photos),), version_arn=version.version_arn)
    with pytest.raises(ConsentNeededError, match=r"9 images.*4\.00 USD an hour"):
        predict_files(aws, wanted, run.services)
    assert bench.calls("StartProjectVersion") == 0
    predict_files(run.config, wanted, run.services)
    assert predict_files(aws, wanted, run.services).status == "unchanged"


def test_predict_is_refused_while_a_run_needs_the_model(
    bench: Bench, run: Run, version: TrainedVersion, photos: Path
) -> None:
    """A run that judges the model is not disturbed; known answers are given all the same."""
    run.update(project_version_arn=version.version_arn)
    with leased(run), pytest.raises(RunHeldError, match="may need the same model"):
        predict(run, version, photos)
    assert bench.calls("StartProjectVersion") == 0
    predict(run, version, photos)
    with leased(run):
        assert predict(run, version, photos).status == "unchanged"


def test_predict_needs_images_and_a_model(
    run: Run, version: TrainedVersion, tmp_path: Path
) -> None:
    """What is not there is said before anything is started."""
    with pytest.raises(DataNotFoundError, match="There is nothing at"):
        predict(run, version, tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.md").write_text("nothing")
    with pytest.raises(DataNotFoundError, match="There are no images at"):
        predict(run, version, tmp_path / "empty")
    gone = version.model_copy(update={"version_arn": f"{version.version_arn}1"})
    with pytest.raises(ConfigError, match="There is no project version"):
        predict(run, gone, tmp_path)
    with pytest.raises(UnknownRunError, match="no model that a run here has judged"):
        predict_files(run.config, FilesWanted((str(tmp_path),)), run.services)


def test_predict_refuses_images_of_which_none_can_be_used(
    bench: Bench, run: Run, version: TrainedVersion, tmp_path: Path
) -> None:
    """A script that names the wrong files learns it by an error, not by an empty table."""
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.md").write_text("nothing")
    with pytest.raises(DataNotFoundError, match=r"no image that can be used.*a\.jpg: .*1 more"):
        predict(run, version, tmp_path / "a.jpg", tmp_path / "notes.md", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_predict_refuses_a_file_as_its_folder_before_a_model_is_started(
    bench: Bench, run: Run, version: TrainedVersion, photos: Path, tmp_path: Path
) -> None:
    """Where the files cannot go is said before the answers are paid for."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(ConfigError, match=r"taken is a file, not a folder"):
        predict(run, version, photos, out=tmp_path / "taken" / "below")
    assert bench.calls("StartProjectVersion") == 0


def test_predict_names_its_own_step(run: Run, version: TrainedVersion, photos: Path) -> None:
    """No holdout is involved, so the log does not speak of one."""
    told: list[Event] = []
    wanted = FilesWanted((str(photos),), version_arn=version.version_arn)
    predict_files(run.config, wanted, replace(run.services, emit=told.append))
    steps = [event.step for event in told if isinstance(event, StepFinished)]
    assert "predict images" in steps
    assert "predict holdout" not in steps


def test_predict_refuses_thresholds_of_another_model(
    run: Run, version: TrainedVersion, photos: Path, tmp_path: Path
) -> None:
    """Else no image would be given any label, and the table would look like a result."""
    other = tmp_path / "thresholds.json"
    other.write_text(json.dumps({"format_version": 2, "thresholds": {"cat": 0.4}}))
    with pytest.raises(ConfigError, match=r"is of another model.*blue, green, red"):
        predict(run, version, photos, thresholds=other, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_predict_tells_of_labels_that_have_no_threshold(
    run: Run, version: TrainedVersion, photos: Path, tmp_path: Path
) -> None:
    """They are never given, which nobody would see in the table."""
    some = tmp_path / "thresholds.json"
    some.write_text(json.dumps({"format_version": 2, "thresholds": {"red": 0.4, "blue": 0.4}}))
    told: list[Event] = []
    wanted = FilesWanted((str(photos),), version_arn=version.version_arn, thresholds=some)
    outcome = predict_files(run.config, wanted, replace(run.services, emit=told.append))
    notices = [event.text for event in told if isinstance(event, Notice)]
    assert f"{some} has no threshold for green: no image is given these labels." in notices
    assert "green" not in outcome.files.images_by_label


def test_predict_takes_thresholds_for_labels_that_no_image_shows(
    run: Run, version: TrainedVersion, photos: Path, tmp_path: Path
) -> None:
    """A detector answers what it sees alone: that is no sign of another model, and it is paid."""
    predict(run, version, photos)
    path = predictions_path(run.services.workspace, version.version_arn)
    answers = [json.loads(line) for line in path.read_text().splitlines()]
    for answer in answers:
        del answer["confidences_percent"]["red"]
    path.write_text("".join(f"{json.dumps(answer)}\n" for answer in answers))
    some = tmp_path / "thresholds.json"
    some.write_text(json.dumps({"format_version": 2, "thresholds": {"red": 0.4}}))
    outcome = predict(run, version, photos, thresholds=some)
    assert (outcome.asked, outcome.files.without_label) == (0, 10)


def test_predict_reads_thresholds_from_a_pipe(
    run: Run, version: TrainedVersion, photos: Path
) -> None:
    """`--thresholds <(jq ...)` can be read once only."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as pipe:
        pipe.write(json.dumps({**THRESHOLDS, "project_version_arn": None}))
    told: list[Event] = []
    wanted = FilesWanted(
        (str(photos),),
        version_arn=version.version_arn,
        thresholds=Path(f"/dev/fd/{reading}"),
    )
    outcome = predict_files(run.config, wanted, replace(run.services, emit=told.append))
    os.close(reading)
    assert outcome.thresholds.by_label == THRESHOLDS["thresholds"]
    assert not any(isinstance(event, Notice) for event in told)


def test_refusals_of_one_machine_start_no_model_on_another(
    bench: Bench, run: Run, version: TrainedVersion, photos: Path, tmp_path: Path
) -> None:
    """They are shared as answers are, also those that were only kept in the workspace."""
    bench.arm("DetectCustomLabels", "ImageTooLargeException")
    wanted = FilesWanted((str(photos),), version_arn=version.version_arn)
    first = predict_files(run.config, wanted, run.services)
    shared = replace(run.services, state_is_shared=True)
    predict_files(run.config, wanted, shared)
    other = predict_files(run.config, wanted, replace(shared, workspace=tmp_path / "other"))
    assert (other.status, other.refused) == ("unchanged", first.refused)
    assert bench.calls("StartProjectVersion") == 1
    late = RefusedImage(sha256="b" * 64, code="ImageTooLargeException", message="too large")
    keep_refusals([late], version.version_arn, shared)
    third = replace(shared, workspace=tmp_path / "third")
    assert late.sha256 in exchange_refusals(version.version_arn, third)


def test_refusals_are_read_back_without_broken_lines(run: Run) -> None:
    """A torn line costs that refusal only."""
    services, path = run.services, refusals_path(run.services.workspace, "arn")
    assert read_refusals(path) == {}
    refused = RefusedImage(sha256="a" * 64, code="ImageTooLargeException", message="too large")
    keep_refusals([], "arn", services)
    assert not path.exists()
    keep_refusals([refused], "arn", services)
    path.write_text(path.read_text() + '{"sha256": "torn\n')
    assert read_refusals(path) == {refused.sha256: refused}
