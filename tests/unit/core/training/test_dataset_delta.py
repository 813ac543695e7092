"""Tests of what tells a dataset's entries from the manifest that it shall hold."""

import json

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.manifest import ManifestLine, format_manifest
from rcl_flow.core.training.dataset_delta import (
    chunk_lines,
    diff_entries,
    entry_problems,
    unheeded_problems,
)


def line(name: str, *labels: str) -> ManifestLine:
    """Return a manifest line of an image."""
    return ManifestLine(f"s3://acme/{name}", labels)


def entries(*lines: ManifestLine) -> list[str]:
    """Return lines as the service lists them."""
    found = []
    for text in format_manifest(lines).decode().splitlines():
        found.append(json.dumps(json.loads(text) | {"cl-metadata": {"is_labeled": True}}))
    return found


def refs(lines: tuple[bytes, ...]) -> list[str]:
    """Return the images of lines."""
    return [json.loads(raw)["source-ref"].removeprefix("s3://acme/") for raw in lines]


def test_diff_entries_of_the_same_content_is_empty() -> None:
    """What the service adds to a line, and the order of entries, is no change."""
    manifest = format_manifest([line("a", "x"), line("b", "x", "y")])
    delta = diff_entries(entries(line("b", "x", "y"), line("a", "x")), manifest)
    assert (delta.to_send, delta.removed, delta.unchanged) == ((), (), 2)


def test_diff_entries_tells_added_changed_and_removed() -> None:
    """Only what is not there as it is wanted is sent, as a whole line."""
    manifest = format_manifest([line("a", "x"), line("b", "y"), line("c", "z")])
    delta = diff_entries(entries(line("a", "x"), line("b", "x"), line("d", "x")), manifest)
    assert (refs(delta.added), refs(delta.changed)) == (["c"], ["b"])
    assert delta.removed == ("s3://acme/d",)
    assert delta.unchanged == 1
    assert delta.to_send[0] in manifest.splitlines()
    assert delta.text == "1 images added, 1 changed"


def test_diff_entries_counts_a_label_that_vanishes() -> None:
    """An entry with one label less is another entry."""
    delta = diff_entries(entries(line("a", "x", "y")), format_manifest([line("a", "x")]))
    assert refs(delta.changed) == ["a"]


def test_diff_entries_compares_boxes_and_size() -> None:
    """A box that was moved by a pixel, or another image size, is a change."""

    def boxed(left: int, width: int = 100) -> ManifestLine:
        box = PixelBox("bolt", left, 20, 10, 10)
        return ManifestLine("s3://acme/a", ("bolt",), (box,), width, 100)

    manifest = format_manifest([boxed(10)])
    assert diff_entries(entries(boxed(10)), manifest).to_send == ()
    assert refs(diff_entries(entries(boxed(11)), manifest).changed) == ["a"]
    assert refs(diff_entries(entries(boxed(10, 101)), manifest).changed) == ["a"]


def test_diff_entries_replaces_an_entry_that_nobody_can_read() -> None:
    """A hand-made entry of both kinds of labels is no entry of ours."""
    odd = json.loads(entries(line("a", "x"))[0])
    odd |= {"more": 1, "more-metadata": {"type": "groundtruth/image-classification"}}
    delta = diff_entries([json.dumps(odd)], format_manifest([line("a", "x")]))
    assert refs(delta.changed) == ["a"]


def test_chunk_lines_keeps_each_part_below_the_limit_and_the_order() -> None:
    """No part reaches the limit, and all parts together are the lines."""
    lines = [b"a" * size for size in (3, 4, 5, 2, 9, 1)]
    parts = list(chunk_lines(lines, max_bytes=11))
    assert parts == [b"aaa\naaaa\n", b"aaaaa\naa\n", b"aaaaaaaaa\n", b"a\n"]
    assert list(chunk_lines([])) == []


def test_entry_problems_finds_codes_at_any_depth_once_for_each_entry() -> None:
    """An entry is told with the image, each code, its cause and its cure."""
    code = {"code": "ERROR_BOUNDING_BOX_TOO_SMALL", "message": "too small"}
    entry = {
        "source-ref": "s3://acme/a",
        "boxes": {"annotations": [{"cl-errors": [code]}, {"cl-errors": [code]}]},
        "cl-errors": [{"code": "ERROR_NEW", "message": "Something new."}],
        "errors": [{"code": "ERROR_OF_A_TRAINING"}],
    }
    found = list(entry_problems([json.dumps(entry)]))
    assert [problem.code for problem in found] == ["ERROR_BOUNDING_BOX_TOO_SMALL", "ERROR_NEW"]
    assert found[0].sentence == (
        "s3://acme/a: ERROR_BOUNDING_BOX_TOO_SMALL: a box is not larger than 1 x 1 pixel after "
        "scaling to 1280 pixels; remove it or use a crop of the image."
    )
    assert found[1].sentence == "s3://acme/a: ERROR_NEW: Something new."


def test_unheeded_problems_names_what_is_missing_and_what_differs() -> None:
    """After the changes nothing may be left to send."""
    delta = diff_entries(entries(line("a", "x")), format_manifest([line("a", "y"), line("b", "y")]))
    told = [(problem.source_ref, problem.code) for problem in unheeded_problems(delta)]
    assert told == [("s3://acme/b", "ENTRY_MISSING"), ("s3://acme/a", "ENTRY_DIFFERS")]
