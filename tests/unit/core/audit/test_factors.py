"""Tests of the image factors and of the table of their values."""

from dataclasses import replace

import numpy as np
import pytest

from rcl_flow.core.audit.catalogue import RULES
from rcl_flow.core.audit.factor_table import rows_by_label, table_of
from rcl_flow.core.audit.factors import FACTORS, object_shape
from rcl_flow.core.datasets.boxes import PixelBox
from tests.builders import dataset, image
from tests.unit.core.audit.measured import measures

BY_NAME = {factor.name: factor for factor in FACTORS}
BOXES = (PixelBox("a", 0, 0, 64, 48), PixelBox("a", 0, 0, 32, 48), PixelBox("b", 0, 0, 96, 48))


@pytest.mark.parametrize(
    ("name", "values", "value"),
    [
        ("brightness", {"brightness": 0.3}, 0.3),
        ("hue", {"hue_degrees": 360.0}, 0.0),
        ("hue", {"hue_degrees": -1.0}, np.nan),
        ("edge angle", {"edge_angle_degrees": 180.0}, 0.0),
        ("edge angle", {"edge_angle_degrees": -1.0}, np.nan),
        ("resolution", {"width_pixels": 1000, "height_pixels": 2000}, 2.0),
        ("aspect ratio", {"width_pixels": 1000, "height_pixels": 2000}, 0.5),
        ("object size", {}, 0.01),
        ("object shape", {}, 4 / 3),
    ],
)
def test_factor_values(name: str, values: dict[str, object], value: float) -> None:
    """Each factor is taken from its measure; what an image does not have is not a number."""
    picture = replace(image("x", "a", "b"), boxes=BOXES)
    np.testing.assert_allclose(BY_NAME[name].value(picture, measures(**values)), value)


def test_factors_of_objects_are_not_numbers_without_objects() -> None:
    """An image without boxes has no object, and a label without a box has no shape."""
    for name in ("object size", "object shape"):
        assert np.isnan(BY_NAME[name].value(image("x", "a"), measures()))
    boxed = replace(image("x", "a", "b"), boxes=BOXES)
    assert object_shape(boxed, "b") == 2.0
    assert np.isnan(object_shape(boxed, "c"))


def test_factors_have_names_of_their_own_and_rules_of_the_catalogue() -> None:
    """Every factor can be told from the others, and its rule is one that users can configure."""
    assert len(BY_NAME) == len(FACTORS)
    assert {factor.narrow_rule for factor in FACTORS} - {""} <= set(RULES)
    assert all(
        factor.practice == RULES[factor.narrow_rule].practice
        for factor in FACTORS
        if factor.narrow_rule
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("brightness", 0.314, "0.31"),
        ("saturation", 0.0, "0.00"),
        ("hue", 359.6, "360°"),
        ("sharpness", 312.4, "312"),
        ("resolution", 0.0041, "0.004 megapixels"),
    ],
)
def test_factor_values_in_words(name: str, value: float, told: str) -> None:
    """Values are told with their unit and no more digits than mean something."""
    assert BY_NAME[name].told(value) == told


def test_table_has_a_row_for_each_different_measured_image() -> None:
    """Copies and images that were not measured have no row."""
    images = [image("1", "a"), image("1", "a", uri="copy"), image("2", "a", "b"), image("3", "b")]
    seen = {images[0].sha256: measures(brightness=0.1), images[2].sha256: measures(brightness=0.2)}
    table = table_of(dataset("test", images), seen)
    assert len(table.images) == 2
    values = dict(zip((i.labels for i in table.images), table.columns["brightness"], strict=True))
    assert values == {("a",): 0.1, ("a", "b"): 0.2}
    assert {label: len(rows) for label, rows in table.rows.items()} == {"a": 2, "b": 1}


def test_rows_by_label_are_sorted_by_label() -> None:
    """Each label has the places of its images."""
    rows = rows_by_label([image("1", "b"), image("2", "b", "a"), image("3")])
    assert {label: places.tolist() for label, places in rows.items()} == {"a": [1], "b": [0, 1]}
    assert list(rows) == ["a", "b"]
