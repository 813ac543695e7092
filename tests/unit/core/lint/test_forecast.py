"""What a training makes of manifests: what is used, what fails, and what is left to chance."""

from rcl_flow.core.lint.findings import lint_findings
from rcl_flow.core.lint.forecast import Failure
from rcl_flow.core.lint.report import LintReport, judge_manifests
from rcl_flow.core.lint.tally import LabelUse
from tests.unit.core.lint.manifests import Document, box, boxed, judged, labelled, read

GOOD, NUT = box(10, 20, 30, 40), box(10, 20, 30, 40, 1)


def images(label: str, count: int, start: int = 0) -> list[Document]:
    """Return lines of that many images of a label."""
    return [labelled(f"{label}{number}", label) for number in range(start, start + count)]


def rules(report: LintReport) -> list[str]:
    """Return the codes that a report's findings tell, in order."""
    return [each.message.split(": ")[1] for each in lint_findings(report)]


def test_two_labels_train_a_classifier() -> None:
    """Both routes go on, and every image is used."""
    report = judged([*images("a", 5), *images("b", 4)])
    assert report.from_manifests.trains
    assert report.from_datasets.trains
    assert report.from_manifests.use_case == "IMAGE_LEVEL_LABELS"
    assert report.from_manifests.certain
    assert report.used["train"] == {"a": LabelUse(5), "b": LabelUse(4)}
    assert report.passes


def test_one_box_makes_a_detector_and_lines_without_boxes_are_left_out() -> None:
    """They stay valid, and are told with their numbers."""
    train = [boxed(1, GOOD), boxed(2, NUT), *images("bolt", 2)]
    report = judged(train, [boxed(3, GOOD), boxed(4, NUT)])
    assert report.from_manifests.use_case == "OBJECT_LOCALIZATION"
    assert report.used["train"] == {"bolt": LabelUse(1, 1), "nut": LabelUse(1, 1)}
    assert list(report.other_format["train"]) == [3, 4]
    assert rules(report) == ["LINE_OF_OTHER_FORMAT", "LABEL_WITH_AND_WITHOUT_BOXES"]


def test_boxes_in_testing_alone_train_on_whole_images() -> None:
    """That is logo training; nothing is left out."""
    report = judged([*images("bolt", 2), *images("nut", 2)], [boxed(3, GOOD), boxed(4, NUT)])
    assert report.used["train"] == {"bolt": LabelUse(2, 2), "nut": LabelUse(2, 2)}
    assert report.other_format == {}
    assert report.passes


def test_a_fifth_of_invalid_lines_is_allowed_and_more_is_not() -> None:
    """The share is that of all lines."""
    good = [*images("a", 4), *images("b", 4)]
    bad = [labelled(f"x{number}") | {"x": 1} for number in range(3)]
    assert judged([*good, *bad[:2]], good).from_manifests.trains
    failing = judged([*good, *bad], good)
    expected = (Failure("ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST", "train"),)
    assert failing.from_manifests.failures == expected
    assert failing.failures == {expected[0]: ("manifests", "datasets")}


def test_dropped_lines_fail_an_import_where_a_training_would_go_on() -> None:
    """A dataset has fewer lines than its manifest, so that the same faults weigh more."""
    good = [*images("a", 4), *images("b", 2)]
    bad = [labelled(f"x{number}") | {"x": 1} for number in range(2)]
    report = judged([*good, *bad, good[0], good[1]], good)
    assert report.from_manifests.trains
    assert [each.code for each in report.from_datasets.failures] == [
        "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST"
    ]
    (told,) = [each for each in lint_findings(report) if each.rule == "manifest-file"]
    assert "no training with datasets made of them comes about" in told.message


def test_label_with_one_image_cannot_be_split() -> None:
    """Neither by the service nor by DistributeDatasetEntries."""
    report = judged([*images("a", 5), *images("b", 1)])
    assert [each.code for each in report.from_manifests.failures] == [
        "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT"
    ]
    assert "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE" in rules(report)


def test_draw_of_the_service_is_left_open_where_it_decides() -> None:
    """In mixed data it may split off images of one format alone."""
    mixed = [boxed(1, GOOD), boxed(2, GOOD), *images("bolt", 4)]
    assert not judged(mixed).from_manifests.certain
    assert judged([boxed(1, GOOD), boxed(2, GOOD)]).from_manifests.certain
    pairs = [labelled(1, "a", "b"), labelled(2, "a", "b"), labelled(3, "a", "b")]
    assert not judged(pairs).from_manifests.certain


def test_few_test_labels_fail_below_half() -> None:
    """Exactly one half is allowed."""
    train = [*images("a", 2), *images("b", 2), *images("c", 2), *images("d", 2)]
    half = [*images("a", 1, 5), *images("b", 1, 5)]
    assert judged(train, half).from_manifests.trains
    report = judged([*train, *images("e", 1)], half)
    assert report.from_manifests.failures == (Failure("ERROR_INSUFFICIENT_LABEL_OVERLAP", "both"),)
    (found,) = [each for each in lint_findings(report) if each.rule == "manifest-file"]
    assert found.split == "train+test"


def test_over_a_thousand_test_images_of_a_label_are_told() -> None:
    """No code of the service speaks of it, so it closes no gate."""
    train = [*images("a", 2), *images("b", 2)]
    test = [*images("a", 1001, 10), *images("b", 2, 10)]
    report = judged(train, test)
    assert rules(report) == ["TOO_MANY_TEST_IMAGES_OF_LABEL"]
    assert report.passes


def test_manifest_of_which_a_dataset_keeps_no_line_is_refused() -> None:
    """An import has nothing left, and a training too many invalid lines."""
    report = judged([{"source-ref": "x"}], [{"source-ref": "y"}])
    unusable = "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"
    assert [each.code for each in report.from_datasets.failures] == [unusable, unusable]
    assert report.from_manifests.failures[0].code == "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST"


def test_every_fault_of_a_file_is_told() -> None:
    """The service tells the first alone; a person wants to correct them together."""
    report = judge_manifests(read(uri="a"))
    assert rules(report) == [
        "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT",
        "MANIFEST_EMPTY",
    ]
