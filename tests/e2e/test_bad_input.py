"""Every mistake gets one clear message, its exit code, no traceback, and makes nothing."""

import pytest

from rcl_flow.imaging.digits import DemoImage
from tests.e2e.bench import Bench, Ended


def assert_refused(ended: Ended, *, slug: str, code: int, says: str) -> None:
    """Check that one clear error was printed and no traceback."""
    assert f"error [{slug}]" in ended.stderr, ended.stderr
    assert says in ended.stderr
    assert "hint:" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.code == code
    assert ended.document["error"]["slug"] == slug
    assert ended.document["error"]["exit_code"] == code


def assert_nothing_made(bench: Bench) -> None:
    """Check that neither AWS nor the workspace has anything of the run."""
    counts = bench.ask_emulator("GET", "calls")["counts"]
    assert not [name for name in counts if name.startswith(("Create", "Start"))]
    assert not list((bench.workspace / "runs").glob("*/run.json"))


def test_missing_folder(bench: Bench) -> None:
    """A folder that is not there is named."""
    bench.write_config({"data": {s: {"folder": f"dat/{s}"} for s in ("train", "test", "holdout")}})
    ended = bench.run("run", "config.yaml", "--json")
    assert_refused(ended, slug="data-not-found", code=2, says="dat/train")
    assert_nothing_made(bench)


def test_label_with_one_image(bench: Bench, digits: list[DemoImage]) -> None:
    """A label that has one training image cannot be learned."""
    nine = [image for image in digits if image.label == "nine"]
    for split in ("train", "test", "holdout"):
        image = next(image for image in nine if image.split == split)
        bench.put_image(split, "nine", image.file_name, image.png)
    ended = bench.run("run", "config.yaml", "--json")
    assert_refused(ended, slug="dataset-gate", code=3, says="nine (1)")
    assert_nothing_made(bench)


def test_image_in_train_and_holdout(bench: Bench) -> None:
    """An image that is in train and holdout is named on both sides."""
    path = next((bench.folder / "data" / "train" / "one").iterdir())
    bench.put_image("holdout", "one", "copy.png", path.read_bytes())
    ended = bench.run("run", "config.yaml", "--json")
    assert_refused(ended, slug="dataset-gate", code=3, says="in both train and holdout")
    assert path.name in ended.stderr
    assert "copy.png" in ended.stderr
    assert_nothing_made(bench)


def test_corrupt_jpeg(bench: Bench) -> None:
    """A file that cannot be decoded is named."""
    bench.put_image("train", "one", "broken.jpg", b"\xff\xd8\xff\xe0 this is no image")
    ended = bench.run("run", "config.yaml", "--json")
    assert_refused(ended, slug="dataset-gate", code=3, says="broken.jpg")
    assert_nothing_made(bench)


def test_mistyped_key(bench: Bench) -> None:
    """An unknown key is named with its line and the nearest known one."""
    bench.write_config({"inferense": {"concurrency": 2}})
    ended = bench.run("run", "config.yaml", "--json")
    assert_refused(ended, slug="config-invalid", code=2, says="did you mean 'inference'")
    assert "config.yaml:" in ended.stderr
    assert not bench.workspace.exists()


def test_missing_config(bench: Bench) -> None:
    """A config that is not there is named."""
    ended = bench.run("run", "nowhere.yaml", "--json")
    assert_refused(ended, slug="config-not-found", code=2, says="nowhere.yaml")


def test_missing_bucket(bench: Bench) -> None:
    """A bucket that does not exist is named before anything is created."""
    bench.write_config({"storage": {"bucket": "not-there", "create_bucket": False}})
    ended = bench.run("run", "config.yaml", "--json")
    assert_refused(ended, slug="bucket-not-found", code=4, says="not-there")
    assert_nothing_made(bench)


def test_missing_credentials(bench: Bench) -> None:
    """Without credentials the message says how to get some."""
    bench.write_config(
        {
            "backend": "aws",
            "storage": {"bucket": "some-bucket"},
            "aws": {"endpoint_url": "http://127.0.0.1:9"},
        }
    )
    ended = bench.run(
        "run", "config.yaml", "--json", "--yes",
        AWS_EC2_METADATA_DISABLED="true", HOME=str(bench.folder),
    )  # fmt: skip
    assert_refused(ended, slug="aws-credentials", code=4, says="credentials")


def test_unasked_cost(bench: Bench) -> None:
    """On AWS nothing that costs money is done without consent."""
    bench.start_emulator()
    address = {"endpoint_url": bench.handle.endpoint_url}
    bench.write_config({"backend": "aws", "aws": address, "storage": {"bucket": "some-bucket"}})
    keys = {"AWS_ACCESS_KEY_ID": "x" * 20, "AWS_SECRET_ACCESS_KEY": "x"}
    ended = bench.run("run", "config.yaml", "--json", **keys)
    assert_refused(ended, slug="consent-needed", code=2, says="USD")
    assert bench.calls("CreateProject") == 0


@pytest.mark.parametrize("arguments", [("stop",), ("stop", "x", "--all"), ("validate",), ("nope",)])
def test_usage(bench: Bench, arguments: tuple[str, ...]) -> None:
    """A command line that makes no sense exits 2 with help, not a traceback."""
    ended = bench.run(*arguments)
    assert ended.code == 2
    assert "Usage" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_failed_training(bench: Bench) -> None:
    """A training that fails exits 5, and only `--retry-training` trains the same data again."""
    bench.start_emulator()
    bench.ask_emulator(
        "POST", "faults", {"operation": "CreateProjectVersion", "times": 1, "fails_later": True}
    )
    failed = bench.run("run", "config.yaml", "--json")
    assert_refused(failed, slug="training-failed", code=5, says="TRAINING_FAILED")
    assert bench.run("run", "config.yaml").code == 5
    assert bench.run("run", "config.yaml", "--retry-training").code == 0
    assert bench.calls("CreateProjectVersion") == 2


def test_start_that_fails(bench: Bench) -> None:
    """A model that does not start exits 11, and is not left running."""
    bench.start_emulator()
    bench.ask_emulator(
        "POST", "faults", {"operation": "StartProjectVersion", "times": 1, "fails_later": True}
    )
    ended = bench.run("run", "config.yaml", "--json")
    assert_refused(ended, slug="model-not-started", code=11, says="FAILED")
    assert bench.running_models() == []


def test_stop_that_is_refused(bench: Bench) -> None:
    """A stop that cannot be confirmed exits 9 with the command to type, and `stop` mends it."""
    bench.start_emulator()
    bench.ask_emulator(
        "POST",
        "faults",
        {"operation": "StopProjectVersion", "times": None, "code": "AccessDeniedException"},
    )
    ended = bench.run("run", "config.yaml", "--json")
    assert_refused(ended, slug="model-not-stopped", code=9, says="aws rekognition stop-project")
    assert "4.00 USD an hour" in ended.stderr
    assert "RUNNING" in bench.run("status").stdout
    bench.ask_emulator("DELETE", "faults")
    stopped = bench.run("stop", "--all", "--json")
    assert stopped.code == 0
    assert [entry["model_status"] for entry in stopped.document["stopped"]] == ["STOPPED"]
    assert bench.running_models() == []


def test_stop_of_an_unknown_version(bench: Bench) -> None:
    """A mistyped ARN is not reported as stopped."""
    arn = bench.run("run", "config.yaml", "--json").document["project_version_arn"]
    typed = arn.replace("project/digits/", "project/digitz/")
    endpoint = ("--endpoint-url", bench.handle.endpoint_url)
    keys = {"AWS_ACCESS_KEY_ID": "x" * 20, "AWS_SECRET_ACCESS_KEY": "x"}
    ended = bench.run("stop", typed, *endpoint, "--json", **keys)
    assert_refused(ended, slug="run-unknown", code=2, says="digitz")
    foreign = arn.replace(":123456789012:", ":999999999999:")
    ended = bench.run("stop", foreign, *endpoint, "--json", **keys)
    assert_refused(ended, slug="model-not-stopped", code=9, says="cannot be seen")


def test_workspace_that_is_a_file(bench: Bench) -> None:
    """A workspace that cannot be a folder is named."""
    (bench.folder / "taken").write_text("x")
    ended = bench.run("run", "config.yaml", "--json", "--set", "workspace=taken")
    assert_refused(ended, slug="local-files", code=12, says="taken")


@pytest.mark.parametrize("name", ["run.json", "page.json"])
def test_damaged_results(bench: Bench, name: str) -> None:
    """A damaged file of a finished run is an error for `report` at most, and a run mends it."""
    run_id = bench.run("run", "config.yaml", "--json").document["run_id"]
    damaged = bench.workspace / "runs" / run_id / name
    damaged.write_text("{")
    report = bench.run("report", "latest")
    assert report.code == (2 if name == "page.json" else 0)
    assert "Traceback" not in report.stderr
    (bench.workspace / "runs" / run_id / "run.json").unlink()
    assert bench.run("run", "config.yaml", "--json").document["status"] == "completed"
    assert bench.run("report", "latest").code == 0
