"""Which pages are read in which folder, and in what order: a run that one page makes serves more.

A page that no story names is read last in the story `parts`, so that no block is left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rcl_flow.emulator.box import CustomLabels
from tests.docs.cloud_desk import prepare_cloud
from tests.docs.desks import prepare_checkout, prepare_parts, prepare_split
from tests.docs.fences import Block, blocks
from tests.docs.format_desk import prepare_formats


@dataclass(frozen=True, slots=True)
class Story:
    """Pages that are read one after the other, in one folder."""

    pages: tuple[str, ...]
    prepare: Callable[[Path, CustomLabels], None]
    """Puts into the folder what the pages say that the reader has."""
    region: str = "us-east-1"
    afresh: bool = False
    """Each block in a copy of what was prepared."""


STORIES: Final[Mapping[str, Story]] = {
    "parts": Story(
        (
            "README.md",
            "docs/10-doctor.md",
            "docs/11-money.md",
            "docs/22-evaluate.md",
            "docs/21-history-and-gates.md",
            "docs/19-mistakes-and-advice.md",
            "docs/06-your-data.md",
            "docs/31-logs-and-metrics.md",
            "docs/23-retraining.md",
            "docs/25-champion-and-challenger.md",
        ),
        prepare_parts,
        region="eu-west-1",
    ),
    "formats": Story(("docs/08-formats.md",), prepare_formats, afresh=True),
    "cloud": Story(
        ("docs/27-schedule-and-infra.md", "infra/README.md"), prepare_cloud, region="eu-west-1"
    ),
    "checkout": Story(("docs/28-ci-without-aws.md",), prepare_checkout),
    "sets": Story(("docs/09-split-and-augment.md",), prepare_split),
}
ELSEWHERE: Final = {
    "docs/05-emulator-for-your-tests.md": "tests/e2e/test_emulator_page.py",
    "docs/init.md": "tests/docs/test_init_page.py",
    "docs/tour.md": "tests/docs/test_tour.py",
}
"""Pages whose blocks have a test of their own."""


def story_blocks(name: str) -> list[Block]:
    """Return the blocks of a story in the order of its pages."""
    pages = STORIES[name].pages
    if name == "parts":
        named = {page for story in STORIES.values() for page in story.pages}
        others = {block.page for block in blocks("sh")} - named - ELSEWHERE.keys()
        pages = (*pages, *sorted(others))
    return [block for page in pages for block in blocks("sh", page)]
