"""Tests of `rcl-flow init`: from real images of each format to a config that is accepted."""

import json
from pathlib import Path
from typing import Any

import pytest

from rcl_flow.cli.app import run_app
from rcl_flow.cli.console import Console
from rcl_flow.cli.initialising import Ask, InitAsked, drive_init
from rcl_flow.cli.reading import read_config
from rcl_flow.config import FlowConfig
from rcl_flow.config.published import config_schema
from rcl_flow.errors import ConfigError
from rcl_flow.wiring.services import connect_s3
from tests.unit.cli.labelled import put, put_coco, put_folders

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A place for a user's images."""
    return tmp_path / "photos"


def typed(place: Path, *options: str) -> list[str]:
    """Return the command for the images of a place, with all it writes beside them."""
    folder = place.parent
    return [
        *("init", str(folder / "parts"), "--from", str(place)),
        *("--workspace", str(folder / "state"), *options),
    ]


def init(place: Path, capsys: Captured, *options: str, code: int = 0) -> dict[str, Any]:
    """Run the command and return its document."""
    assert run_app([*typed(place, *options), "--json"]) == code
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    return document


def written(place: Path) -> FlowConfig:
    """Return the config that was written."""
    return read_config(place.parent / "parts" / "rcl-flow.yaml")


def sizes(document: dict[str, Any]) -> dict[str, tuple[int, bool]]:
    """Return how many images each set has, and whether it was drawn."""
    return {split: (one["images"], one["drawn"]) for split, one in document["sets"].items()}


def audit(place: Path) -> int:
    """Audit what was written, and return the exit code."""
    config = str(place.parent / "parts" / "rcl-flow.yaml")
    return run_app(["audit", config, "--json", "--set", f"workspace={place.parent / 'state'}"])


def test_folders_of_labels_become_a_config_that_the_audit_accepts(
    photos: Path, capsys: Captured
) -> None:
    """All three sets are drawn, every label is in each, and the source is untouched."""
    put_folders(photos, 60)
    before = {path: path.stat().st_mtime_ns for path in photos.rglob("*")}
    done = init(photos, capsys)
    assert sizes(done) == {"train": (33, True), "test": (7, True), "holdout": (20, True)}
    assert all(len(one["labels"]) == 3 for one in done["sets"].values())
    assert (done["project"], done["task"]) == ("parts", "classification")
    assert written(photos).data.holdout.uri.endswith("parts/splits/holdout.manifest")
    assert audit(photos) == 0
    assert before == {path: path.stat().st_mtime_ns for path in photos.rglob("*")}
    schema = photos.parent / "parts" / "flow.schema.json"
    assert json.loads(schema.read_text()) == config_schema()


@pytest.mark.parametrize("kind", ["csv", "yolo", "voc", "label-studio", "cvat", "coco"])
def test_each_format_of_boxes_is_understood(kind: str, photos: Path, capsys: Captured) -> None:
    """What `convert` writes, and what other tools write alike, is recognised by its files."""
    coco = put_coco(photos, 30)
    place = photos
    if kind != "coco":
        place = photos.parent / "other"
        pictures = str(photos / "images")
        assert run_app(["convert", str(coco), str(place), "--to", kind, "--images", pictures]) == 0
        capsys.readouterr()
    done = init(place, capsys)
    assert done["sources"]["train"]["format"] == kind
    assert done["task"] == "detection"
    assert sizes(done) == {"train": (16, True), "test": (4, True), "holdout": (10, True)}


def test_manifest_is_understood(photos: Path, capsys: Captured) -> None:
    """Lines whose images lie beside the file."""
    put_folders(photos, 30)
    assert run_app(["split", str(photos), "--out", str(photos), "--train", "1", "--test", "0"]) == 0
    capsys.readouterr()
    done = init(photos / "train.manifest", capsys)
    assert done["sources"]["train"]["format"] == "manifest"
    assert sizes(done)["holdout"] == (10, True)


def test_flat_folder_with_a_csv_is_understood(photos: Path, capsys: Captured) -> None:
    """Columns of well-known names, or those that --columns names."""
    for seed in range(30):
        put(photos / f"{seed}.png", seed)
    rows = "".join(f"{seed}.png,{'ab'[seed % 2]}\n" for seed in range(30))
    (photos / "labels.csv").write_text(f"filename,class\n{rows}")
    assert init(photos, capsys)["sources"]["train"]["format"] == "csv"
    (photos / "labels.csv").rename(photos / "truth.csv")
    (photos / "truth.csv").write_text(f"id,breed\n{rows}")
    columns = ("--columns", "image=id,label=breed", "--redraw")
    done = init(photos, capsys, *columns)
    assert list(done["sets"]["train"]["labels"]) == ["a", "b"]
    assert done["unusable"] == []


def test_flat_folder_without_labels_is_one_clear_error(photos: Path, capsys: Captured) -> None:
    """Nothing is written, and the hint says how labels are given."""
    put(photos / "1.png", 1)
    refused = init(photos, capsys, code=2)
    assert refused["error"]["slug"] == "data-not-found"
    assert "The 1 images in" in refused["error"]["message"]
    assert "one sub-folder for each label" in refused["error"]["hint"]
    assert not (photos.parent / "parts").exists()


def test_one_split_alone_is_divided(photos: Path, capsys: Captured) -> None:
    """A folder `train` and nothing else is all there is."""
    put_folders(photos / "train", 30)
    done = init(photos, capsys)
    assert done["sources"]["train"]["uri"] == str(photos / "train")
    assert sizes(done) == {"train": (16, True), "test": (4, True), "holdout": (10, True)}


def test_three_sets_stay_as_they_are(photos: Path, capsys: Captured) -> None:
    """The config names the folders themselves, and no split is drawn."""
    for number, name in enumerate(("train", "valid", "test")):
        put_folders(photos / name, 12, first=100 * number)
    done = init(photos, capsys)
    assert sizes(done) == {"train": (12, False), "test": (12, False), "holdout": (12, False)}
    text = (photos.parent / "parts" / "rcl-flow.yaml").read_text()
    assert "folder: ../photos/valid" in text
    data = written(photos).data
    assert Path(data.holdout.uri).resolve() == photos / "test"
    assert not (photos.parent / "parts" / "splits").exists()


def test_holdout_is_drawn_from_train_where_it_is_missing(photos: Path, capsys: Captured) -> None:
    """The test set that is there stays whole."""
    put_coco(photos, 30, pictures="train", file="annotations/train.json")
    put_coco(photos, 9, pictures="val", file="annotations/val.json", first=100)
    done = init(photos, capsys)
    assert sizes(done) == {"train": (20, True), "test": (9, False), "holdout": (10, True)}
    test = written(photos).data.test
    assert test is not None
    assert Path(str(test.images)).resolve() == photos / "val"


def test_broken_images_are_counted_and_left_out(photos: Path, capsys: Captured) -> None:
    """In sets that are given as well, so that the audit accepts the config."""
    for number, name in enumerate(("train", "test", "holdout")):
        put_folders(photos / name, 12, first=100 * number)
    (photos / "test" / "red" / "broken.png").write_bytes(b"no image")
    done = init(photos, capsys)
    assert [Path(one["uri"]).name for one in done["unusable"]] == ["broken.png"]
    data = written(photos).data
    assert data.test is not None
    assert data.test.uri.endswith("splits/usable/test.manifest")
    assert data.holdout.kind == "folder"
    assert audit(photos) == 0


def test_images_without_annotation_are_counted(photos: Path, capsys: Captured) -> None:
    """They are neither used nor an error."""
    put_coco(photos, 30)
    put(photos / "images" / "more.png", 1000)
    assert init(photos, capsys)["unnamed_images"] == 1


def test_files_that_are_named_by_absolute_paths_are_not_unnamed(
    photos: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However annotations and the command line name one file, it is one."""
    monkeypatch.chdir(photos.parent)
    for seed in range(12):
        put(photos / f"{seed:04}.png", seed)
    rows = [f"{photos}/{seed:04}.png,{'ab'[seed % 2]}\n" for seed in range(12)]
    (photos / "x.csv").write_text("".join(rows))
    assert run_app(["init", "parts", "--from", photos.name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unnamed_images"] == 0


def test_counts_of_the_table_add_up(photos: Path, capsys: Captured) -> None:
    """What it counts once, or under no label, is told, and a long label keeps its beginning."""
    put_folders(photos, 30, labels=("a", "b" * 50))
    put(photos / "a" / "copy.png", 0)
    (photos / "labels.csv").write_text("a/0002.png\n")
    assert run_app(typed(photos)) == 0
    text = capsys.readouterr().out
    told = " ".join(text.split())
    assert "31 images" in told
    assert "Counted once below, since the same file comes again: 1 image; see `audit`." in told
    assert "Without any label, and not trained on: 1 image." in told
    row = next(line for line in text.splitlines() if line.startswith("bbb"))
    assert row.startswith("b" * 35 + "… ")
    total = next(line for line in text.splitlines() if line.startswith("all images"))
    assert sum(map(int, total.split()[2:])) == 30


def test_groups_that_names_tell_stay_together(photos: Path, capsys: Captured) -> None:
    """Each session is in one set, unless the user parts them."""
    for seed in range(90):
        put(photos / "ab"[seed % 2] / f"session-{seed // 6}-{seed}.png", seed)
    done = init(photos, capsys)
    assert done["groups"]["groups"] == 15
    assert done["rules"]["groups"]["path_pattern"] == done["groups"]["pattern"]
    lines = (photos.parent / "parts" / "splits" / "holdout.manifest").read_text()
    sessions = {line.split("session-")[1].split("-")[0] for line in lines.splitlines()}
    assert len(lines.splitlines()) == 6 * len(sessions)
    parted = init(photos, capsys, "--group-by", "", "--redraw")
    assert (parted["groups"], parted["rules"]["groups"]["path_pattern"]) == (None, "")


def test_too_few_images_are_told_with_what_is_missing(photos: Path, capsys: Captured) -> None:
    """A set of nine images has too few of every label."""
    put_folders(photos, 9)
    refused = init(photos, capsys, code=2)
    assert "too few images" in refused["error"]["message"]
    assert "Collect at least 15 images of each label" in refused["error"]["hint"]
    assert not (photos.parent / "parts").exists()


def test_too_few_images_tell_those_that_cannot_be_used(photos: Path, capsys: Captured) -> None:
    """They may be the very reason."""
    put_folders(photos, 12, labels=("red",))
    (photos / "blue").mkdir()
    (photos / "blue" / "1.png").write_bytes(b"no image")
    error = init(photos, capsys, code=2)["error"]
    assert "too few labels" in error["message"]
    assert f"1 file cannot be used; the first one: {photos}/blue/1.png: it is" in error["message"]


def test_nothing_is_overwritten(photos: Path, capsys: Captured) -> None:
    """A second call is refused before images are read; --force lets drawn splits stand."""
    put_folders(photos, 60)
    init(photos, capsys)
    config = photos.parent / "parts" / "rcl-flow.yaml"
    config.write_text("changed: by hand\n")
    assert "already" in init(photos, capsys, code=2)["error"]["message"]
    assert config.read_text() == "changed: by hand\n"
    put_folders(photos, 30, first=500)
    forced = init(photos, capsys, "--force")
    assert sizes(forced)["holdout"] == (20, True)
    assert sum(images for images, _ in sizes(forced).values()) == 90
    assert forced["rules"]["holdout_images"] == 20
    assert written(photos).project == "parts"


def test_splits_that_stand_are_not_drawn_by_other_rules(photos: Path, capsys: Captured) -> None:
    """A wish that would move images is refused until --redraw says so."""
    put_folders(photos, 60)
    init(photos, capsys)
    wish = ("--force", "--holdout-images", "12")
    assert "was 20 and is now 12" in init(photos, capsys, *wish, code=2)["error"]["message"]
    assert sizes(init(photos, capsys, *wish, "--redraw"))["holdout"] == (12, True)


def test_update_takes_changed_labels_in_and_keeps_the_config(
    photos: Path, capsys: Captured
) -> None:
    """Whoever relabels has usually set gates by then; images stay in their sets."""
    put_folders(photos, 30)
    before = init(photos, capsys, "--update")  # nothing is there to be kept
    config = photos.parent / "parts" / "rcl-flow.yaml"
    text = config.read_text().replace("min_holdout_images: 200", "min_holdout_images: 150")
    text += "audit:\n  factors: {min_shift: 0.3}\n"
    config.write_text(text)
    held = next(line for line in holdout_lines(photos) if "/red/" in line)
    name = Path(json.loads(held)["source-ref"]).name
    (photos / "red" / name).rename(photos / "blue" / f"was-{name}")
    after = init(photos, capsys, "--update")
    assert (before["kept"], after["kept"]) == ([], [str(config)])
    assert config.read_text() == text
    assert any(f"/blue/was-{name}" in line for line in holdout_lines(photos))
    assert sizes(after) == sizes(before)
    gates = [before["missing"][-1]["message"], after["missing"][-1]["message"]]
    assert ["fewer than 200" in gates[0], "fewer than 150" in gates[1]] == [True, True]
    config.write_text(text.replace("min_holdout_images: 150", "min_holdout_images: ${LEAST}"))
    unknown = init(photos, capsys, "--update")
    assert unknown["missing"][-1]["message"].endswith("are recommended.")


def holdout_lines(place: Path) -> list[str]:
    """Return the lines of the manifest of the holdout that was drawn."""
    return (place.parent / "parts" / "splits" / "holdout.manifest").read_text().splitlines()


def test_columns_tell_that_a_csv_file_is_meant(photos: Path, capsys: Captured) -> None:
    """A labels.csv beside one folder of images says what it says, as a spreadsheet wrote it."""
    put_folders(photos, 30)
    rows = [f"{path.parent.name}/{path.name};{path.parent.name}" for path in photos.rglob("*.png")]
    (photos / "labels.csv").write_text("\n".join(["file;class", *rows, ""]))
    done = init(photos, capsys, "--columns", "image=file,label=class")
    assert done["sources"]["train"]["format"] == "csv"
    assert done["sets"]["train"]["labels"].keys() == {"red", "green", "blue"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--backend", "aws"), "--bucket"),
        (("--backend", "aws", "--bucket", "No Bucket"), "--bucket"),
        (("--project", "a b"), "--project"),
        (("--region", "nowhere"), "--region"),
        (("--group-by", "("), "group-by"),
        (("--columns", "x"), "--columns"),
    ],
)
def test_wrong_or_missing_values_name_their_option(
    options: tuple[str, ...], says: str, photos: Path, capsys: Captured
) -> None:
    """Nobody is asked without a terminal, and nothing is written."""
    put_folders(photos, 30)
    error = init(photos, capsys, *options, code=2)["error"]
    assert says in error["message"] + error["hint"]
    assert not (photos.parent / "parts").exists()


def test_config_for_aws_names_the_bucket(photos: Path, capsys: Captured) -> None:
    """The next steps begin with what costs nothing."""
    put_folders(photos, 30)
    options = ("--backend", "aws", "--bucket", "parts-data", "--region", "eu-west-1")
    done = init(photos, capsys, *options)
    config = written(photos)
    assert (config.backend, config.bucket, config.aws.region) == ("aws", "parts-data", "eu-west-1")
    assert [step.split()[1] for step in done["next"]] == [
        *("validate", "audit", "doctor", "plan", "run")
    ]


def test_config_names_the_region_that_the_environment_does(
    photos: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As AWS's own tools do, unless another is typed; the config then says it for every command."""
    put_folders(photos, 30)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    options = ("--backend", "aws", "--bucket", "parts-data")
    init(photos, capsys, *options)
    assert written(photos).aws.region == "eu-central-1"
    init(photos, capsys, *options, "--region", "eu-west-1", "--force")
    assert written(photos).aws.region == "eu-west-1"


def drive(asked: InitAsked, ask: Ask | None) -> None:
    """Run the command with someone, or nobody, to answer."""
    drive_init(asked, connect_s3("us-east-1", None, None), Console(as_json=False), ask)


def test_several_files_are_a_question_or_an_error(photos: Path, capsys: Captured) -> None:
    """On a terminal one is chosen by its number; without one the option is named."""
    put_coco(photos, 30, file="ann/boxes.json")
    put_coco(photos, 30, file="ann/poses.json", first=500)
    asked = InitAsked(photos.parent / "parts", str(photos), photos.parent / "state")
    with pytest.raises(ConfigError, match=r"ann/boxes\.json, ann/poses\.json") as raised:
        drive(asked, None)
    assert "--annotations ann/boxes.json" in raised.value.hint
    questions: list[str] = []

    def answer(question: str, _default: str | None) -> str:
        questions.append(question)
        return "2"

    drive(asked, answer)
    assert "poses.json (coco)" in " ".join(capsys.readouterr().out.split())
    assert len(questions) == 1
    assert "1  ann/boxes.json" in questions[0]


def test_images_that_are_not_found_are_a_question_or_an_error(photos: Path) -> None:
    """The folder of the images is named by an option, or by an answer."""
    put_coco(photos, 30)
    (photos / "images").rename(photos.parent / "away")
    asked = InitAsked(photos.parent / "parts", str(photos), photos.parent / "state")
    with pytest.raises(ConfigError, match="are not in") as raised:
        drive(asked, None)
    assert "--images FOLDER" in raised.value.hint
    drive(asked, lambda _question, _default: str(photos.parent / "away"))
    assert Path(str(written(photos).data.holdout.uri)).parent.name == "splits"


def test_name_that_will_not_do_is_a_question_or_an_error(tmp_path: Path) -> None:
    """A folder `data` in a folder `2024` names no project."""
    place = tmp_path / "1" / "2" / "data"
    put_folders(place, 30)
    asked = InitAsked(tmp_path / "1" / "2" / "data", None, tmp_path / "state")
    with pytest.raises(ConfigError, match="No folder's name") as raised:
        drive(asked, None)
    assert "--project" in raised.value.hint
    drive(asked, lambda _question, _default: "tiles")
    assert read_config(place / "rcl-flow.yaml").project == "tiles"


def test_person_reads_narrow_lines_that_end_with_the_next_steps(
    photos: Path, capsys: Captured
) -> None:
    """What was found, the sets, what the holdout tells, what is missing, what to do now."""
    put_coco(photos, 60)
    (photos / "images" / "0000.png").write_bytes(b"")
    (photos / "images" / "\x1b[31m\n.png").write_bytes(b"")
    told = json.loads((photos / "annotations.json").read_text())
    told["images"].append({"id": 1000, "file_name": "\x1b[31m\n.png", "width": 96, "height": 96})
    (photos / "annotations.json").write_text(json.dumps(told))
    assert run_app(typed(photos)) == 0
    lines = capsys.readouterr().out.splitlines()
    heads = [line.split("  ")[0] for line in lines if line and not line.startswith(" ")]
    assert [head for head in heads if head[0].isupper()] == [
        *("Found", "Understood", "Not usable", "Holdout", "Missing", "Missing", "Wrote", "Next")
    ]
    assert lines[-1].split()[:2] == ["rcl-flow", "run"]
    assert all(len(line) <= 80 for line in lines if str(photos.parent) not in line)
