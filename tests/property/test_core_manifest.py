"""Laws of manifests: what is written is what is read, and always in the service's form."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.datasets.manifest import (
    ManifestLine,
    SkippedLine,
    format_manifest,
    parse_manifest,
)

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
source_refs = texts.filter(lambda text: "\0" not in text)
label_sets = st.sets(texts, max_size=4).map(lambda labels: tuple(sorted(labels)))
manifests = st.lists(st.builds(ManifestLine, source_refs, label_sets), max_size=5)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below),
    max_leaves=6,
)
METADATA_KEYS = {
    "class-name",
    "confidence",
    "type",
    "human-annotated",
    "creation-date",
    "job-name",
}


@given(manifests)
def test_manifest_reads_back_what_was_written(lines: list[ManifestLine]) -> None:
    """Every label and source-ref, of any characters, survives the file."""
    assert list(parse_manifest(format_manifest(lines))) == lines


@given(manifests)
def test_manifest_line_has_exactly_the_services_keys(lines: list[ManifestLine]) -> None:
    """Each line is a JSON object with source-ref and pairs of attribute and metadata."""
    written = format_manifest(lines).decode().split("\n")
    assert written.pop() == ""
    assert len(written) == len(lines)
    for text, line in zip(written, lines, strict=True):
        document = json.loads(text)
        assert document.pop("source-ref") == line.source_ref
        names = [key for key in document if not key.endswith("-metadata")]
        assert set(document) == {*names, *(f"{name}-metadata" for name in names)}
        assert len(names) == len(line.labels)
        for name, label in zip(names, line.labels, strict=True):
            check_pair(document[name], document[f"{name}-metadata"], label)


def check_pair(value: object, metadata: dict[str, object], label: str) -> None:
    """Check one attribute and its metadata against the fact sheet's table."""
    assert type(value) is int
    assert set(metadata) == METADATA_KEYS
    assert metadata["class-name"] == label
    assert metadata["confidence"] in (0, 1)
    assert metadata["type"] == "groundtruth/image-classification"
    assert metadata["human-annotated"] in ("yes", "no")
    assert isinstance(metadata["job-name"], str)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?", str(metadata["creation-date"]))


@given(st.binary(max_size=200))
def test_manifest_of_any_bytes_is_read_line_by_line(content: bytes) -> None:
    """Whatever a file holds, each line is an image or is skipped with its number."""
    found = list(parse_manifest(content))
    assert len(found) == len(content.splitlines())
    for number, line in enumerate(found, start=1):
        if isinstance(line, SkippedLine):
            assert line.line_number == number
            assert line.reason


@given(
    st.fixed_dictionaries(
        {"source-ref": json_values | st.just("s3://b/k")},
        optional={
            "x": json_values,
            "x-metadata": json_values
            | st.fixed_dictionaries({}, optional={"class-name": json_values, "type": json_values}),
        },
    )
)
def test_manifest_line_of_any_json_is_used_or_skipped(document: dict[str, object]) -> None:
    """A used line names an image and has labels that are texts, sorted and each once."""
    (line,) = parse_manifest(json.dumps(document).encode())
    if isinstance(line, ManifestLine):
        assert line.source_ref == document["source-ref"]
        assert list(line.labels) == sorted(set(line.labels))
        assert all(line.labels)
    else:
        assert line.reason
