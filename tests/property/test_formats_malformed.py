"""Whatever a file of annotations holds, there is one clear error or an unusable image."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.errors import RclFlowError
from rcl_flow.formats.reading import READERS
from rcl_flow.formats.source import SourceImage
from tests.unit.formats.memory import SIZE, image, read_all, written

KINDS: list[SourceKind] = list(READERS)
IMAGES = [
    image("a.png", boxes=[PixelBox("cat", 1, 2, 30, 40), PixelBox("dog", 5, 5, 9, 9)]),
    image("b.png", boxes=[PixelBox("cat", 1.5, 2, 30, 40)]),
    image("c.png"),
]
SIZES = {one.uri: SIZE for one in IMAGES}
FILES = {kind: written(kind, IMAGES)[0] for kind in KINDS}
JSON_KINDS: list[SourceKind] = ["coco", "label-studio", "manifest"]
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([10**30, -1, 2**63, "\0", "s3://b/k", 1e308]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below),
    max_leaves=5,
)


def check(kind: SourceKind, files: Mapping[str, bytes]) -> None:
    """Read; every entry must be sound, and every exception one of ours with a place."""
    found = {f"/d/{path}": content for path, content in files.items()}
    one_file = next(iter(found)) if len(found) == 1 else "/d"
    try:
        entries, _ = read_all(kind, one_file, found, sizes=SIZES)
    except RclFlowError as error:
        assert "/d" in error.message
        assert error.hint
    else:
        for entry in entries:
            assert_sound(entry)


def assert_sound(entry: object) -> None:
    """An image has sorted labels and a size for its boxes; an unusable one a place and reason."""
    if isinstance(entry, UnusableImage):
        assert entry.uri
        assert entry.reason
        return
    assert isinstance(entry, SourceImage)
    assert entry.uri
    assert list(entry.labels) == sorted(set(entry.labels))
    assert all(entry.labels)
    assert {box.label for box in entry.boxes} <= set(entry.labels)
    assert entry.size_pixels is not None or not entry.boxes
    for box in entry.boxes:
        assert max(map(abs, (box.left, box.top, box.width, box.height))) < 1e20


@given(st.sampled_from(KINDS), st.data())
def test_truncated_files_are_told(kind: SourceKind, data: st.DataObject) -> None:
    """A download that stopped half way is no traceback."""
    files = dict(FILES[kind])
    path = data.draw(st.sampled_from(sorted(files)))
    files[path] = files[path][: data.draw(st.integers(0, len(files[path])))]
    check(kind, files)


@given(st.sampled_from(KINDS), st.data())
def test_changed_bytes_are_told(kind: SourceKind, data: st.DataObject) -> None:
    """Bytes that are not UTF-8, or break the syntax anywhere, are no traceback."""
    files = dict(FILES[kind])
    path = data.draw(st.sampled_from(sorted(files)))
    start = data.draw(st.integers(0, len(files[path])))
    end = start + data.draw(st.integers(0, 6))
    files[path] = files[path][:start] + data.draw(st.binary(max_size=6)) + files[path][end:]
    check(kind, files)


@given(st.sampled_from(KINDS), st.binary(max_size=60))
def test_any_bytes_are_told(kind: SourceKind, content: bytes) -> None:
    """Every file of a source may hold anything."""
    check(kind, dict.fromkeys(FILES[kind], content))


@given(st.sampled_from(JSON_KINDS), json_values)
def test_any_json_is_told(kind: SourceKind, value: object) -> None:
    """A whole document of another form is refused."""
    check(kind, {next(iter(FILES[kind])): json.dumps(value).encode()})


@given(st.sampled_from(["coco", "label-studio"]), json_values, st.data())
def test_any_value_in_any_place_is_told(
    kind: SourceKind, value: object, data: st.DataObject
) -> None:
    """A wrong type, a missing key or a huge number makes one entry or the file unusable."""
    ((path, content),) = FILES[kind].items()
    document = json.loads(content)
    holder, key = data.draw(st.sampled_from(places(document)))
    if data.draw(st.booleans()):
        holder[key] = value
    else:
        del holder[key]
    check(kind, {path: json.dumps(document).encode()})


def places(document: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401  # JSON
    """Return every place in a JSON document: its holder, and its key or index."""
    if not isinstance(document, dict | list):
        return []
    keys = list(document) if isinstance(document, dict) else range(len(document))
    here = [(document, key) for key in keys]
    return here + [place for key in keys for place in places(document[key])]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><annotations><image name="&b;"/></annotations>"""
FOREIGN = b"""<!DOCTYPE l [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<annotation><filename>&f;</filename></annotation>"""
DEEP_YAML = b"names: " + b"[" * 3000
LAUGHS = b"a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nnames: *c\ntrain: *c\n"


@pytest.mark.parametrize("content", [BOMB, FOREIGN, b"<a>" * 50_000, b"\xff\xfe<\0a\0>\0"])
@pytest.mark.parametrize("kind", ["voc", "cvat"])
def test_xml_that_attacks_is_refused(kind: SourceKind, content: bytes) -> None:
    """Entities neither grow nor read other files: a document type is refused."""
    try:
        entries, _ = read_all(kind, "/d/x.xml", {"/d/x.xml": content})
    except RclFlowError as error:
        told = error.message
    else:
        (only,) = entries
        assert isinstance(only, UnusableImage)
        told = only.reason
    assert "DOCTYPE" in told or "not XML" in told


@pytest.mark.parametrize("content", [DEEP_YAML, LAUGHS, b"\0", b"names: !!python/name:os.system"])
def test_yaml_that_attacks_is_refused(content: bytes) -> None:
    """Depth, references and tags of Python lead to an error, not to work."""
    with pytest.raises(RclFlowError, match=r"/d/data\.yaml"):
        read_all("yolo", "/d/data.yaml", {"/d/data.yaml": content, "/d/images/a.png": b""})
