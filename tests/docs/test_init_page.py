"""docs/init.md shows what `rcl-flow init` prints."""

from pathlib import Path

import pytest

from tests.docs.fences import ROOT, blocks, blocks_of
from tests.docs.shell import Shell
from tests.unit.cli.labelled import put_coco

PAGE = "docs/init.md"
IMAGES = 600


@pytest.mark.e2e
def test_page_shows_what_is_printed(tmp_path: Path) -> None:
    """Word for word, for the photographs that its example is about."""
    put_coco(tmp_path / "photos", IMAGES)
    (command,) = blocks("sh", PAGE)
    shown = next(one for one in blocks_of((ROOT / PAGE).read_text(), PAGE) if not one.language)
    assert Shell(tmp_path).run(command) == shown.text
