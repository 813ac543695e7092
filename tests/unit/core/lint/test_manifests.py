"""Reading a manifest: what is counted, what is silent, and that the fast way is the long way."""

import pytest

from rcl_flow.core.lint import codes
from rcl_flow.core.lint.manifests import ManifestLinter, has_extension
from rcl_flow.core.lint.tally import LabelUse
from tests.unit.core.lint.manifests import body, box, boxed, labelled, read, told, uri

GOOD = box(10, 20, 30, 40)


def test_images_and_boxes_of_each_label_are_counted() -> None:
    """Clean lines and lines with a fault in one box count alike."""
    report = read(
        boxed(1, GOOD, GOOD), boxed(2, GOOD, box(0, 0, 9, 9, 1)), boxed(3, GOOD, box(-1, 0, 9, 9))
    )
    assert report.tally.used(detection=True) == {
        "bolt": LabelUse(images=3, boxes=4),
        "nut": LabelUse(images=1, boxes=1),
    }
    assert (report.valid_lines, report.invalid_lines) == (3, 0)


def test_label_on_a_box_and_on_the_image_is_one_image() -> None:
    """A line that names a label twice is one image of it."""
    line = boxed(1, GOOD) | {k: v for k, v in labelled(1, "bolt").items() if k != "source-ref"}
    report = read(line, line | {"source-ref": uri(2)})
    assert dict(report.tally.images_of_labels()) == {"bolt": 2}
    assert report.tally.alone == {"bolt"}


def test_repeated_image_is_told_with_the_line_that_counts() -> None:
    """The service is silent about it: the first line wins."""
    report = read(labelled(1, "a"), labelled(2, "a"), labelled(1, "b"), labelled(1, "a"))
    assert told(report) == [
        (3, codes.REPEATED_SOURCE_REF, "/source-ref"),
        (4, codes.REPEATED_SOURCE_REF, "/source-ref"),
    ]
    assert [problem.detail for problem in report.problems] == ["line 1", "line 1"]
    assert (report.valid_lines, report.ignored_lines, report.dropped_lines) == (2, 2, 2)


def test_image_in_both_manifests_is_told_with_the_other_line() -> None:
    """The service is silent about it, and uses both."""
    train = ManifestLinter("a.b").read(body(labelled(1, "a"), labelled(2, "a")))
    lines = body(labelled(2, "a"), labelled(3, "a"))
    report = ManifestLinter("c.d", "test", other=train).read(lines).report()
    assert told(report) == [(1, codes.IMAGE_IN_TRAIN_AND_TEST, "/source-ref")]
    assert report.problems[0].detail == "line 2 of the training manifest"
    assert report.valid_lines == 2


@pytest.mark.parametrize(
    ("source_ref", "is_valid"),
    [
        ("s3://bolts/x", True),
        ("s3://bolts/", False),
        ("s3://bolts", False),
        ("s3://bolts0/x", True),
        ("s3://bolts-2/x", True),
        ("s3://bolts.2/x", True),
        ("s4://bolts/x", False),
        ("s3://bolts/\U0001f529", True),
    ],
)
def test_source_refs_beside_a_known_bucket_are_judged_as_alone(
    source_ref: str, *, is_valid: bool
) -> None:
    """After many images of one bucket, one that is like them but not among them is looked at."""
    many = [labelled(n, "a") | {"source-ref": f"s3://bolts/{n}.jpg"} for n in range(3)]
    report = read(*many, labelled(9, "a") | {"source-ref": source_ref})
    alone = read(labelled(9, "a") | {"source-ref": source_ref})
    assert report.valid_lines == 3 + is_valid
    assert report.buckets == {"bolts"} | alone.buckets
    assert [code for _, code, _ in told(report)] == [code for _, code, _ in told(alone)]


def test_lines_as_long_as_allowed_pass_and_longer_ones_do_not() -> None:
    """100,000 characters are counted, not bytes, and without the line break."""
    line = labelled(1, "a")
    longest = 100_000 - len('{"long": "", ') - len(body(line)[0][1:-1])
    fits, long, wide = (
        body(line | {"source-ref": uri(n), "long": text})[0]
        for n, text in [(1, "x" * longest), (2, "x" * (longest + 1)), (3, "x" * 60_000)]
    )
    wide = wide.replace(b"x", "é".encode())
    report = ManifestLinter("a.b").read([fits, long, wide]).report()
    assert told(report) == [(2, "ERROR_INVALID_JSON_LINE", "")]
    assert "100,001 characters" in report.problems[0].detail


def test_forbidden_images_are_invalid_only_beside_readable_ones() -> None:
    """If none can be read it is the bucket's fault, which a training tells as a whole."""
    lines = [labelled(1, "a"), labelled(2, "b")]
    alone = read(*lines, images={uri(1): "forbidden", uri(2): "forbidden"})
    assert (told(alone), alone.forbidden_images, alone.valid_lines) == ([], 2, 2)
    beside = read(*lines, images={uri(1): "forbidden", uri(2): "invalid"})
    assert [code for _, code, _ in told(beside)] == 2 * ["ERROR_INVALID_IMAGE"]
    assert beside.forbidden_images == 0


@pytest.mark.parametrize(
    "change",
    [
        {"confidence": True},
        {"confidence": 1.1},
        {"human-annotated": ["yes"]},
        {"creation-date": "2024-02-30T00:00:00"},
        {"creation-date": 3},
        {"class-name": " "},
        {"class-name": {}},
    ],
)
def test_fault_is_found_also_when_its_label_is_known(change: dict[str, object]) -> None:
    """The fast way lets nothing pass that the long way refuses."""
    bad = labelled(2, "a")
    bad["a-metadata"] |= change
    assert told(read(labelled(1, "a"), bad, labelled(3, "a"))) == [
        (2, "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", "/a-metadata")
    ]


@pytest.mark.parametrize("side", ["left", "top", "width", "height", "class_id"])
@pytest.mark.parametrize("value", [True, False, None, "1"])
def test_box_with_a_value_that_is_no_number_is_found(side: str, value: object) -> None:
    """True and false look like numbers to Python, and are none."""
    report = read(boxed(1, GOOD), boxed(2, GOOD | {side: value}))
    assert told(report) == [(2, "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", "/bb")]


@pytest.mark.parametrize("count", [50, 51])
def test_labels_over_the_limit_are_told(count: int) -> None:
    """Fifty labels of an image are the most; no code of the service speaks of it."""
    labels = [f"l{number}" for number in range(count)]
    report = read(labelled(1, *labels), labelled(2, *labels))
    found = [(1, codes.TOO_MANY_LABELS_ON_IMAGE, ""), (2, codes.TOO_MANY_LABELS_ON_IMAGE, "")]
    assert told(report) == (found if count > 50 else [])


@pytest.mark.parametrize("lines", [[], [b"\n"], [b" \r\n", b"\t"], [b"\xef\xbb\xbf\n"]])
def test_file_of_nothing_is_empty(lines: list[bytes]) -> None:
    """White space is nothing, and so is the mark at the start of a file."""
    assert ManifestLinter("a.b").read(lines).report().file_codes == (codes.MANIFEST_EMPTY,)


def test_file_that_is_no_text_names_the_line() -> None:
    """The service refuses it as a whole; the line is told all the same."""
    report = ManifestLinter("a.b").read([*body(labelled(1, "a")), b'{"a": "\xff"}']).report()
    assert report.file_codes == ("ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT",)
    assert report.problems[0].line_number == 2
    assert "no UTF-8" in report.problems[0].detail


def test_file_with_more_lines_than_the_region_takes_is_refused() -> None:
    """The last line that is allowed passes."""
    lines = body(labelled(1, "a"), labelled(2, "a"))
    codes_of = [ManifestLinter("a.b", max_lines=most).read(lines).report() for most in (1, 2)]
    assert codes_of[0].file_codes == ("ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM",)
    assert codes_of[1].file_codes == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *[("a.manifest", True), ("s3://b/c/a.x", True), ("..b", True)],
        *[("a", False), ("b.c/a", False), (".manifest", False), ("a.", False)],
    ],
)
def test_name_needs_an_extension(name: str, expected: bool) -> None:
    """Any extension will do; a leading dot makes none."""
    assert has_extension(name) is expected


def test_fifty_boxes_pass_and_one_more_does_not() -> None:
    """The attribute is left out as a whole."""
    report = read(boxed(1, *[GOOD] * 50), boxed(2, *[GOOD] * 51), boxed(3, GOOD))
    assert told(report) == [
        (2, "ERROR_TOO_MANY_BOUNDING_BOXES", "/bb"),
        (2, "ERROR_NO_VALID_LABEL_ATTRIBUTES", ""),
    ]


def test_many_combinations_of_boxes_are_counted_rightly() -> None:
    """More different lines than are kept apart at a time."""
    boxes = [
        [box(1, 2, 9, 9, number >> bit & 1) for bit in range(1 + number % 13)]
        for number in range(9000)
    ]
    report = read(*(boxed(number, *each) for number, each in enumerate(boxes)))
    assert report.valid_lines == 9000
    assert sum(report.tally.boxes.values()) == sum(map(len, boxes))


def test_file_over_a_gigabyte_is_refused() -> None:
    """The size is that of all lines together."""
    part = bytes(2**24)
    report = ManifestLinter("a.b").read([part] * 65).report()
    assert report.file_codes == ("ERROR_MANIFEST_SIZE_TOO_LARGE",)


def test_many_sets_of_keys_are_all_judged() -> None:
    """More different lines than are remembered at a time, each with a label of its own name."""
    lines = [labelled(number, "a") | {f"extra-{number}": 1} for number in range(5000)]
    assert read(*lines).tally.used(detection=False) == {"a": LabelUse(5000)}
