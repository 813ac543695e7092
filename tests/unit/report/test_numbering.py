"""Tests of the numbers of labels and images."""

from dataclasses import replace

from rcl_flow.report.numbering import Numbered, advised_images
from tests.unit.report.full_pages import full_page


def test_label_that_only_an_image_has_is_numbered() -> None:
    """A label that the model does not know can still be shown."""
    page = full_page()
    strange = replace(page.images[0], truth=("unicorn",))
    numbered = Numbered(replace(page, images=(strange, *page.images[1:])))
    assert numbered.labels[numbered.label("unicorn")] == "unicorn"
    assert numbered.label("") == -1


def test_images_are_numbered_once() -> None:
    """Holdout images first, then what only advice is about; unknown ones have no number."""
    page = full_page()
    numbered = Numbered(page)
    worst = page.images[0].sha256
    assert worst in {image.sha256 for image in advised_images(page)}
    assert numbered.images([worst, "0" * 64, "f" * 64]) == [0, len(page.images)]
    assert len(numbered.digests) == len(page.images) + 1
