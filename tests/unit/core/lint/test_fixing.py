"""What is corrected, what is left to a person, and what is told of it."""

import json

import pytest

from rcl_flow.core.lint.fixing import FixedLine, fix_lines
from rcl_flow.core.lint.lines import lint_line
from tests.unit.core.lint.manifests import Document, body, box, boxed, label_metadata, labelled

GOOD = box(10, 20, 30, 40)
MULTI = {
    "source-ref": "s3://acme-images/1.png",
    "kinds": [0, 2],
    "kinds-metadata": {
        "class-map": {"0": "dog", "2": "cat"},
        "confidence-map": {"0": 0.5, "2": 1},
        "type": "groundtruth/image-classification-multilabel",
        "human-annotated": "yes",
        "creation-date": "2024-02-03T04:05:06",
    },
}


def fixed(*lines: Document | str) -> list[FixedLine]:
    """Return the corrected lines."""
    return list(fix_lines(body(*lines)))


def document(line: FixedLine) -> Document:
    """Return what a corrected line holds."""
    assert line.content is not None
    found: Document = json.loads(line.content)
    return found


def assert_mended(line: Document, says: str) -> Document:
    """Check that a bad line is good afterwards, and that the change is told."""
    assert lint_line(json.dumps(line)).errors
    (mended,) = fixed(line)
    assert [change for change in mended.changes if says in change]
    assert mended.content is not None
    assert lint_line(mended.content.decode()).errors == ()
    return document(mended)


def test_good_line_stays_as_it_is_byte_by_byte() -> None:
    """Even its spaces stay."""
    raw = json.dumps(labelled(1, "a"), indent=None, separators=(" , ", " : ")).encode() + b" \r\n"
    (line,) = fix_lines([raw])
    assert (line.content, line.changes) == (raw, ())


def test_repeated_and_blank_lines_go() -> None:
    """The service never uses them; the change names the line that it uses."""
    lines = fixed(labelled(1, "a"), "", labelled(2, "b"), labelled(1, "b"))
    assert [line.content is None for line in lines] == [False, True, False, True]
    assert lines[3].changes == ("removed the line: line 1 has its image",)
    assert [line.line_number for line in lines] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("bad", "left"),
    [
        (box(-5, 20, 30, 40), box(0, 20, 25, 40)),
        (box(180, 90, 50, 30.5), box(180, 90, 20, 10)),
        (box(-5.5, -1, 300, 300), box(0, 0, 200, 100)),
    ],
)
def test_box_that_leaves_the_image_is_clipped(bad: Document, left: Document) -> None:
    """The part inside the image stays, whole numbers as whole numbers."""
    after = assert_mended(boxed(1, GOOD, bad), "clipped 1 boxes")
    assert after["bb"]["annotations"] == [GOOD, left]
    assert after["bb-metadata"]["objects"] == [{"confidence": 1}, {"confidence": 1}]


@pytest.mark.parametrize(
    "bad",
    [
        box(5, 5, -3, 9),
        box(5, 5, 9, 0),
        box(5, 5, 1, 9),
        box(300, 5, 9, 9),
        box(199.5, 5, 9, 9),
        box(10**400, 5, 9, 9),
    ],
)
def test_box_of_which_nothing_is_left_goes_with_its_confidence(bad: Document) -> None:
    """The confidences of the others stay with their boxes."""
    line = boxed(1, bad, GOOD)
    line["bb-metadata"]["objects"] = [{"confidence": 0.1}, {"confidence": 0.9}]
    after = assert_mended(line, "removed 1 boxes")
    assert after["bb"]["annotations"] == [GOOD]
    assert after["bb-metadata"]["objects"] == [{"confidence": 0.9}]


@pytest.mark.parametrize("objects", [None, [], [{}], [{"confidence": 1}, {}]])
def test_missing_confidences_are_filled_in(objects: list[Document] | None) -> None:
    """There is one for each box afterwards."""
    line = boxed(1, GOOD, GOOD, GOOD)
    line["bb-metadata"]["objects"] = objects
    if objects is None:
        del line["bb-metadata"]["objects"]
    after = assert_mended(line, "confidences")
    assert after["bb-metadata"]["objects"] == 3 * [{"confidence": 1}]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"confidence": None}, "confidence 1"),
        ({"creation-date": None}, "filled in creation-date"),
        ({"creation-date": "2024-02-03"}, "2024-02-03T00:00:00"),
        ({"creation-date": "2024/2/3 4:05"}, "2024-02-03T04:05:00"),
        ({"creation-date": 1706933106}, "2024-02-03T04:05:06"),
        ({"creation-date": 1706933106000}, "2024-02-03T04:05:06"),
        ({"human-annotated": True}, "'yes'"),
        ({"human-annotated": "No"}, "'no'"),
    ],
)
def test_metadata_are_corrected_where_one_thing_can_be_meant(change: Document, says: str) -> None:
    """The label itself is never touched."""
    line = labelled(1, "a")
    line["a-metadata"] |= change
    after = assert_mended(line, says)
    assert after["a-metadata"]["class-name"] == "a"


@pytest.mark.parametrize(
    "change",
    [
        {"creation-date": "03/02/2024"},
        {"creation-date": "2024-13-01"},
        {"class-name": ""},
        {"confidence": 95},
        {"human-annotated": "perhaps"},
        {"type": "groundtruth/semantic-segmentation"},
    ],
)
def test_what_a_person_must_decide_stays(change: Document) -> None:
    """The line is written as it was."""
    line = labelled(1, "a")
    line["a-metadata"] |= change
    (left,) = fixed(line)
    assert (left.content, left.changes) == (body(line)[0], ())


@pytest.mark.parametrize("value", ["1", 1.0, True])
def test_identifier_of_a_label_becomes_an_integer(value: object) -> None:
    """The service ignores which."""
    assert assert_mended(labelled(1, "a") | {"a": value}, "as 1")["a"] == 1


@pytest.mark.parametrize(
    "size", [{"width": 200, "height": 100, "depth": 3}, [{"width": 200.0, "height": 100}]]
)
def test_image_size_gets_its_form(size: object) -> None:
    """It is a list of one object of three integers."""
    line = boxed(1, GOOD)
    line["bb"]["image_size"] = size
    after = assert_mended(line, "image_size")
    assert after["bb"]["image_size"] == [{"width": 200, "height": 100, "depth": 3}]


@pytest.mark.parametrize("number", ["0", 0.0])
def test_class_id_becomes_an_integer(number: str | float) -> None:
    """Only if the class map has it."""
    after = assert_mended(boxed(1, GOOD | {"class_id": number}), "class ids")
    assert after["bb"]["annotations"] == [GOOD]
    (left,) = fixed(boxed(1, GOOD | {"class_id": "7"}))
    assert left.changes == ()


def test_numbers_that_are_written_as_text_become_numbers() -> None:
    """Of a box and of the image's size; what is no number stays."""
    line = boxed(1, GOOD | {"left": "10", "width": "30.5"})
    (size,) = line["bb"]["image_size"]
    line["bb"]["image_size"] = [{key: str(side) for key, side in size.items()}]
    after = assert_mended(line, "wrote the sides of 1 boxes as numbers")
    assert after["bb"]["image_size"] == [size]
    assert after["bb"]["annotations"] == [GOOD | {"width": 30.5}]
    for text in ("ten", "1e3", "", "nan", "\u0661"):
        (left,) = fixed(boxed(1, GOOD | {"left": text}))
        assert left.changes == ()


def test_labels_of_a_multi_label_job_get_attributes_of_their_own() -> None:
    """Ground Truth's form becomes the one that Custom Labels takes, with its confidences."""
    after = assert_mended(MULTI, "its 2 labels")
    assert after["kinds0-metadata"] == label_metadata("dog", confidence=0.5)
    assert after["kinds1-metadata"] == label_metadata("cat")
    assert after["kinds0"] == after["kinds1"] == 1
    assert "kinds" not in after


@pytest.mark.parametrize("change", [{"kinds": [1]}, {"kinds": 0}, {"kinds0": 1}])
def test_multi_label_job_that_names_no_label_stays(change: Document) -> None:
    """A number without a name, and a name that is taken, are for a person."""
    (left,) = fixed(MULTI | change)
    assert left.changes == ()


def test_notes_of_the_service_go_where_it_writes_them() -> None:
    """In the line, its attributes and its boxes; what else is called so stays."""
    line = boxed(1, GOOD | {"cl-errors": []}) | {"cl-metadata": {"is_labeled": True}}
    line["bb"]["errors"] = line["bb-metadata"]["warnings"] = [{"code": "X"}]
    line["mine"] = {"errors": 3}
    (bare,) = fixed(line)
    assert document(bare) == boxed(1, GOOD) | {"mine": {"errors": 3}}
    assert bare.changes == ("removed the service's cl-errors, cl-metadata, errors, warnings",)


def test_mark_at_the_start_of_the_file_stays() -> None:
    """A corrected first line keeps it."""
    line = labelled(1, "a") | {"a": "1"}
    (mended,) = fix_lines([b"\xef\xbb\xbf" + body(line)[0]])
    assert mended.content is not None
    assert mended.content.startswith(b"\xef\xbb\xbf{")


@pytest.mark.parametrize("raw", [b"{\n", b'{"a": "\xff"}\n', b'{"source-ref": 1}\n'])
def test_line_that_cannot_be_read_stays(raw: bytes) -> None:
    """Lint tells what is wrong with it."""
    assert list(fix_lines([raw])) == [FixedLine(1, raw)]


def test_number_that_json_cannot_hold_keeps_its_line_as_it_is() -> None:
    """Nothing is written that would be read as something else."""
    raw = body(labelled(1, "a") | {"a": "1", "far": "%"})[0].replace(b'"%"', b"1e999")
    assert list(fix_lines([raw])) == [FixedLine(1, raw)]


def test_half_a_surrogate_pair_is_kept_escaped() -> None:
    """A text that UTF-8 cannot hold is written as JSON's escape."""
    (mended,) = fixed(labelled(1, "a") | {"a": "1", "odd": "\ud800"})
    assert mended.content is not None
    assert b"\\ud800" in mended.content
