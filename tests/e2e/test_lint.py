"""`rcl-flow lint` as a user runs it."""

import json
from pathlib import Path

import pytest

from rcl_flow.emulator.testing import running_emulator
from tests.e2e.bench import Bench
from tests.unit.core.lint.manifests import Document, body, box, boxed, labelled

GOOD = [boxed(1, box(10, 20, 30, 40)), boxed(2, box(1, 2, 30, 40, 1)), boxed(3, box(5, 5, 9, 9))]
BAD: list[Document | str] = [
    *GOOD,
    boxed(4, box(-5, 0, 30, 40)),
    boxed(1, box(5, 5, 9, 9)),
    "",
    labelled(5) | {"x": 1},
]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A folder of its own; no emulator is started."""
    return Bench(tmp_path)


def write(bench: Bench, name: str, lines: list[Document | str]) -> None:
    """Write a manifest."""
    (bench.folder / name).write_bytes(b"".join(body(*lines)))


def test_good_manifests_pass_without_credentials(bench: Bench) -> None:
    """Exit 0, with what will be used of each label."""
    write(bench, "train.manifest", [*GOOD])
    ended = bench.run_anew("lint", "train.manifest", "--test", "train.manifest", "--json")
    assert ended.code == 0, ended.stderr
    document = ended.document
    assert document["status"] == "passed"
    assert document["manifests"]["train"]["labels"] == {
        "bolt": {"images": 2, "boxes": 2},
        "nut": {"images": 1, "boxes": 1},
    }
    assert document["training"]["manifests"]["trains"] is True


def test_bad_manifest_exits_3_with_line_place_and_cure(bench: Bench) -> None:
    """A person reads the line, the place and what to do."""
    write(bench, "train.manifest", [*BAD])
    ended = bench.run("lint", "train.manifest", "--test", "train.manifest")
    assert ended.code == 3
    assert "train.manifest:4  ERROR_INVALID_BOUNDING_BOX at /bb/annotations/0" in ended.stdout
    assert "train.manifest:5  REPEATED_SOURCE_REF at /source-ref: line 1" in ended.stdout
    cure, more = "Clip it to the image.", "rcl-flow explain ERROR_INVALID_BOUNDING_BOX"
    assert f"         {cure}\n         {more}\n" in ended.stdout
    assert "Traceback" not in ended.stderr


def test_fix_writes_a_corrected_copy_and_says_what_is_left(bench: Bench) -> None:
    """The original stays; what a person must decide keeps the exit code at 3."""
    write(bench, "a.manifest", [*BAD])
    before = (bench.folder / "a.manifest").read_bytes()
    ended = bench.run("lint", "a.manifest", "--fix", "b.manifest", "--json")
    assert ended.code == 3
    assert (bench.folder / "a.manifest").read_bytes() == before
    changed = [(line["line_number"], line["removed"]) for line in ended.document["fixed"]["lines"]]
    assert changed == [(4, False), (5, True), (6, True)]
    notes = [p["note"] for f in ended.document["findings"] for p in f["places"]]
    assert "ERROR_NO_LABEL_ATTRIBUTES" in notes
    assert not any("BOUNDING_BOX" in note for note in notes)


@pytest.mark.parametrize("out", ["a.manifest", "b.manifest"])
def test_fix_replaces_neither_manifest(bench: Bench, out: str) -> None:
    """A slip of the fingers does not cost the testing manifest."""
    write(bench, "a.manifest", [*BAD])
    write(bench, "b.manifest", [*BAD])
    before = (bench.folder / out).read_bytes()
    ended = bench.run("lint", "a.manifest", "--test", "b.manifest", "--fix", out, "--json")
    assert (ended.code, ended.document["error"]["slug"]) == (2, "config-invalid")
    assert (bench.folder / out).read_bytes() == before


def test_in_place_corrects_the_manifest_itself(bench: Bench) -> None:
    """Only when it is said; the second time there is nothing to do."""
    write(bench, "a.manifest", [*BAD[:-1], boxed(6, box(1, 2, 30, 40, 1))])
    assert bench.run("lint", "a.manifest", "--fix", "a.manifest").code == 2
    assert bench.run("lint", "a.manifest", "--in-place").code == 0
    again = bench.run("lint", "a.manifest", "--in-place", "--json")
    assert again.document["fixed"]["lines"] == []
    assert again.code == 0


def test_config_is_not_corrected_as_a_manifest(bench: Bench) -> None:
    """It is named as what it is, whichever manifest it was given for."""
    write(bench, "a.manifest", [*BAD])
    config = bench.folder / "config.yaml"
    config.write_text("project: a\n\n\n")
    for arguments in (("config.yaml", "--in-place"), ("a.manifest", "--test", "config.yaml")):
        ended = bench.run("lint", *arguments, "--json")
        assert (ended.code, ended.document["error"]["slug"]) == (2, "config-invalid")
        assert "rcl-flow validate config.yaml" in ended.document["error"]["hint"]
    assert config.read_text() == "project: a\n\n\n"


def test_sarif_names_every_line(bench: Bench) -> None:
    """One result for each line and code."""
    write(bench, "a.manifest", [*BAD])
    ended = bench.run("lint", "a.manifest", "--format", "sarif")
    results = json.loads(ended.stdout)["runs"][0]["results"]
    places = [result["locations"][0]["physicalLocation"] for result in results]
    lines = {place["region"]["startLine"] for place in places if "region" in place}
    assert lines == {4, 5, 6, 7}


def test_missing_manifest_is_a_usage_error(bench: Bench) -> None:
    """It is named, without a traceback."""
    ended = bench.run("lint", "nope.manifest", "--json")
    assert ended.code == 2
    assert ended.document["error"]["slug"] == "data-not-found"


def test_manifest_in_s3_is_read_there(bench: Bench) -> None:
    """With the credentials and the endpoint that are given."""
    with running_emulator() as emulator:
        s3 = emulator.client("s3")
        s3.create_bucket(Bucket="manifests")
        s3.put_object(Bucket="manifests", Key="a.manifest", Body=b"".join(body(*BAD)))
        given = ("--endpoint-url", emulator.endpoint_url, "--json")
        keys = emulator.environment
        ended = bench.run("lint", "s3://manifests/a.manifest", *given, **keys)
        assert ended.code == 3, ended.stderr
        assert ended.document["manifests"]["train"]["lines"] == len(BAD)
        missing = bench.run("lint", "s3://manifests/nope.manifest", *given, **keys)
        assert missing.code == 3, missing.stderr
        assert missing.document["training"]["manifests"]["failures"][0]["code"] == (
            "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"
        )
