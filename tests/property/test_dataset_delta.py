"""Laws of the delta between a dataset and a manifest."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from rcl_flow.core.datasets.manifest import ManifestLine, format_manifest
from rcl_flow.core.training.dataset_delta import chunk_lines, diff_entries
from rcl_flow.emulator.data.imports import import_manifest
from rcl_flow.emulator.service.entries import entry_text

Content = dict[str, tuple[str, ...]]
LABELS = st.sets(st.sampled_from(["red", "green", "größer", 'a "b"']), min_size=1).map(
    lambda labels: tuple(sorted(labels))
)
CONTENTS = st.dictionaries(st.sampled_from("abcdefghij"), LABELS, min_size=1)


def manifest_of(content: Content) -> bytes:
    """Return the manifest of images and their labels."""
    return format_manifest(ManifestLine(f"s3://acme/{name}", content[name]) for name in content)


def listed(manifest: bytes) -> list[str]:
    """Return a manifest as the emulated service lists it as entries."""
    return [entry_text(entry) for entry in import_manifest("m.manifest", manifest).entries]


@given(CONTENTS, CONTENTS, st.integers(1, 2000))
@settings(max_examples=60)
def test_what_is_sent_makes_the_dataset_the_manifest(
    before: Content, wanted: Content, max_bytes: int
) -> None:
    """Sent part by part to what stays of the old entries, nothing is left to send or to remove."""
    manifest = manifest_of(wanted)
    delta = diff_entries(listed(manifest_of(before)), manifest)
    kept = {name: labels for name, labels in before.items() if name in wanted}
    entries = {json.loads(text)["source-ref"]: text for text in listed(manifest_of(kept))}
    for part in chunk_lines(delta.to_send, max_bytes):
        entries |= {json.loads(text)["source-ref"]: text for text in listed(part)}
    after = diff_entries(entries.values(), manifest)
    assert (after.to_send, after.removed, after.unchanged) == ((), (), len(wanted))


@given(CONTENTS, CONTENTS)
@settings(max_examples=60)
def test_every_image_is_in_one_group(before: Content, wanted: Content) -> None:
    """Each image of either side is added, changed, removed or left as it is."""
    delta = diff_entries(listed(manifest_of(before)), manifest_of(wanted))
    shared = before.keys() & wanted.keys()
    assert delta.unchanged == sum(before[name] == wanted[name] for name in shared)
    assert len(delta.changed) == len(shared) - delta.unchanged
    assert len(delta.added) == len(wanted.keys() - before.keys())
    assert set(delta.removed) == {f"s3://acme/{name}" for name in before.keys() - wanted.keys()}


@given(st.lists(st.binary(min_size=1, max_size=40).map(lambda raw: raw.replace(b"\n", b" "))))
@settings(max_examples=60)
def test_parts_are_the_lines_in_their_order(lines: list[bytes]) -> None:
    """No line is lost or cut, and a part of several lines stays below the limit."""
    parts = list(chunk_lines(lines, max_bytes=50))
    assert b"".join(parts) == b"".join(line + b"\n" for line in lines)
    assert all(len(part) < 50 or part.count(b"\n") == 1 for part in parts)
