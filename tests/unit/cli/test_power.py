"""Tests of `rcl-flow power`."""

import json

import pytest

from rcl_flow.cli.app import run_app


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the command and return what it prints."""
    assert run_app(["power", *arguments]) == 0
    return capsys.readouterr().out


def joined(text: str) -> str:
    """Return text without its line ends."""
    return " ".join(text.split())


def test_power_tells_what_one_holdout_can_tell(capsys: pytest.CaptureFixture[str]) -> None:
    """Sentences with the figures, at most 80 columns wide."""
    text = shown(capsys, "--images", "500", "--labels", "5")
    assert (
        "A holdout of 500 images measures an F1 of 0.85 to +-0.031; a fall of 0.069 is found four "
        "times in five. A label has about 100 images: its own F1 is known to +-0.053."
    ) in joined(text)
    assert "To find a fall of 0.05 four times in five takes 906 images" in joined(text)
    assert max(map(len, text.splitlines())) <= 80


def test_power_shows_several_sizes_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    """A table of the usual sizes, aligned and narrow enough."""
    text = shown(capsys)
    rows = [line.split() for line in text.splitlines() if "+-" in line and "F1 to" not in line]
    assert [(row[0], row[1]) for row in rows] == [
        ("100", "+-0.070"),
        ("200", "+-0.049"),
        ("500", "+-0.031"),
        ("1,000", "+-0.022"),
        ("2,000", "+-0.016"),
    ]
    assert max(map(len, text.splitlines())) <= 80


def test_power_says_when_the_test_set_is_too_small(capsys: pytest.CaptureFixture[str]) -> None:
    """No holdout makes up for it."""
    text = joined(shown(capsys, "--test-images", "100", "--images", "300"))
    assert "beside a test set of 100 images" in text
    assert "no holdout finds a fall of 0.05 four times in five: enlarge the test set" in text


def test_power_of_one_image_promises_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be found is said in words, not as an empty figure."""
    text = joined(shown(capsys, "--images", "1", "--wanted-gap", "0.001"))
    assert "A holdout of 1 image measures" in text
    assert "no fall is so large that it finds it" in text
    assert "Not even 100,000 images find a fall of 0.001" in text
    assert "None" not in text


def test_power_is_json_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    """A machine gets what was asked, each holdout and the images needed."""
    document = json.loads(shown(capsys, "--json", "--f1", "0.9", "--wanted-gap", "0.03"))
    assert document["format_version"] == 1
    assert document["expected"]["f1"] == 0.9
    assert [each["images"] for each in document["holdouts"]] == [100, 200, 500, 1000, 2000]
    assert document["holdouts"][2]["half_width"] == pytest.approx(0.02637, abs=5e-6)
    assert document["images_needed"]["half_width"] == 388


@pytest.mark.parametrize("wrong", [("--images", "0"), ("--f1", "1"), ("--wanted-gap", "0")])
def test_power_refuses_numbers_that_cannot_be(wrong: tuple[str, str]) -> None:
    """A mistyped option is a mistake in the command line."""
    assert run_app(["power", *wrong]) == 2


def test_power_marks_what_has_too_few_images(capsys: pytest.CaptureFixture[str]) -> None:
    """A size with less than three images a label has a sign, and the sign is explained."""
    text = shown(capsys, "--labels", "40")
    assert "\n100*  " in text
    assert "\n200   " in text
    assert "* Too few for these figures to be relied on" in text
    assert "Too few" not in shown(capsys)
    assert shown(capsys, "--images", "9").count("*") == 2


def test_power_explains_its_signs(capsys: pytest.CaptureFixture[str]) -> None:
    """A dash, and a fall that grows again with very many images, are told in words."""
    text = joined(shown(capsys, "--f1", "0.05", "--labels", "30"))
    assert "- No fall, or no difference, is so large that it is found." in text
    plain = joined(shown(capsys))
    assert "With very many images the fall that is found comes near the margin itself" in plain
    assert "No fall, or no difference" not in plain
