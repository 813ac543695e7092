"""Tests of the audit's findings about single boxes."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.findings import AuditReport, Finding
from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.datasets.boxes import BoxProblem, DroppedBox, PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage, Datasets
from tests.builders import dataset, image
from tests.unit.core.audit.audits import RULES, only, rules_of

WHOLE = PixelBox("bolt", 100, 100, 60, 40)


def drawn(name: str, *boxes: PixelBox, dropped: Sequence[DroppedBox] = ()) -> DatasetImage:
    """Return an image of 640 x 480 pixels with these boxes."""
    labels = {box.label for box in boxes}
    return replace(
        image(name, *labels),
        boxes=boxes,
        dropped_boxes=tuple(dropped),
        width_pixels=640,
        height_pixels=480,
    )


def audit_boxes(*images: DatasetImage, rules: AuditRules = RULES) -> AuditReport:
    """Audit a holdout of these images and four clean ones."""
    clean = [drawn(f"clean-{n}", replace(WHOLE, left=n)) for n in range(4)]
    return audit_datasets(Datasets(holdout=dataset("holdout", [*clean, *images])), rules)


def box_finding(*images: DatasetImage) -> Finding:
    """Return the one finding of such an audit."""
    return only(audit_boxes(*images))


@pytest.mark.parametrize(
    ("problem", "rule", "severity"),
    [
        ("outside", "box-outside", "error"),
        ("inverted", "box-inverted", "error"),
        ("tiny", "box-tiny", "warning"),
    ],
)
def test_audit_names_boxes_that_the_service_drops(
    problem: BoxProblem, rule: str, severity: str
) -> None:
    """Each way to lose a box is a finding of its own, with the image and the box's place."""
    lost = DroppedBox(PixelBox("nut", 600, 20, 90.5, 30), problem)
    finding = box_finding(drawn("odd", WHOLE, dropped=[lost]))
    assert (finding.rule, finding.severity, finding.practice) == (rule, severity, "D8")
    assert "images/odd.png (nut: 600, 20, 90.5 x 30)" in finding.message
    assert "1 box " in finding.message


@pytest.mark.parametrize(
    ("twin", "found"),
    [
        (replace(WHOLE, left=101), True),
        (replace(WHOLE, left=104), False),
        (replace(WHOLE, left=101, label="nut"), False),
    ],
)
def test_audit_finds_a_box_drawn_twice(twin: PixelBox, found: bool) -> None:
    """Nearly equal boxes of one label are one object; of two labels they may be both right."""
    report = audit_boxes(drawn("twice", WHOLE, twin))
    assert rules_of(report.findings) == (["box-duplicate"] if found else [])


@pytest.mark.parametrize(("width", "found"), [(608, False), (609, True)])
def test_audit_finds_boxes_around_the_whole_image(width: float, found: bool) -> None:
    """A box of over 95 % of the image says nothing of where the object is."""
    report = audit_boxes(drawn("wide", PixelBox("bolt", 0, 0, width, 480)))
    assert rules_of(report.findings) == (["box-overwide"] if found else [])


def test_audit_finds_a_box_that_holds_another_of_its_label() -> None:
    """A box around a group, beside a box around one of them, is loose."""
    finding = box_finding(drawn("group", WHOLE, PixelBox("bolt", 90, 90, 200, 200)))
    assert (finding.rule, finding.severity) == ("box-loose", "warning")
    assert finding.places[0].note == "bolt: 90, 90, 200 x 200"


def test_audit_takes_boxes_of_other_labels_within_a_box() -> None:
    """A wheel lies within its car."""
    assert audit_boxes(drawn("car", WHOLE, PixelBox("car", 90, 90, 200, 200))).findings == ()


@pytest.mark.parametrize(("side", "found"), [(100, False), (200, True)])
def test_audit_finds_boxes_far_larger_than_usual_for_their_label(side: float, found: bool) -> None:
    """Eight times the usual area is loose when sizes differ little, once there are enough boxes."""
    usual = [drawn(f"u{n}", PixelBox("nut", n, n, 40 + n % 3, 40)) for n in range(24)]
    report = audit_boxes(
        *usual,
        drawn("large", PixelBox("nut", 0, 0, side, side)),
        rules=RULES.model_copy(update={"recommended_holdout_images": (1, 100)}),
    )
    assert rules_of(report.findings) == (["box-loose"] if found else [])


def test_audit_takes_sizes_that_vary_widely() -> None:
    """Where objects are near and far, a large box is nothing odd."""
    sides = [10 * 1.15**n for n in range(28)]
    images = [drawn(f"v{n}", PixelBox("nut", 0, 0, s, s)) for n, s in enumerate(sides)]
    report = audit_boxes(
        *images, rules=RULES.model_copy(update={"recommended_holdout_images": (1, 100)})
    )
    assert report.findings == ()
