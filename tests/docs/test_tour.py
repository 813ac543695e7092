"""From an empty folder to a report in ten minutes, with docs/tour.md and nothing else."""

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from rcl_flow.emulator.launch import shut_down
from tests.docs.fences import Block, blocks
from tests.docs.shell import Shell
from tests.unit.cli.labelled import put_coco

TEN_MINUTES_SECONDS: Final = 600
FOR_THE_SCENES: Final = " --holdout-images 200"
"""What a reader with images of their own has no need of."""


def read_tour(texts: Sequence[Block], folder: Path) -> str:
    """Type these blocks, and return all that was printed on stdout."""
    try:
        return "".join(Shell(folder).run(block) for block in texts)
    finally:
        shut_down(folder / ".rcl-flow" / "emulator")


def check_report(told: str, folder: Path) -> None:
    """Make sure that the model is stopped, and that the report is where the run says."""
    assert re.search(r"^model     STOPPED  arn:", told, re.MULTILINE)
    (place,) = set(re.findall(r"^report    (.*/runs/[^/]*/report\.html)$", told, re.MULTILINE))
    assert "<h1" in (folder / place).read_text()


@pytest.mark.e2e
@pytest.mark.slow
def test_tour_leads_from_nothing_to_a_report(tmp_path: Path) -> None:
    """Each block does what the page says, in less than ten minutes."""
    began = time.monotonic()
    told = read_tour(blocks("sh", "docs/tour.md"), tmp_path)
    assert time.monotonic() - began < TEN_MINUTES_SECONDS
    assert "exit 3: the gate is closed" in told
    check_report(told, tmp_path)


@pytest.mark.e2e
def test_tour_leads_from_images_of_one_s_own_to_a_report(tmp_path: Path) -> None:
    """As the page says: with a folder in COCO's form, from step 2 on."""
    put_coco(tmp_path / "photos", 240)
    _, *steps = blocks("sh", "docs/tour.md")
    own = [replace(one, text=one.text.replace(FOR_THE_SCENES, "")) for one in steps]
    assert own != steps
    told = read_tour(own, tmp_path)
    assert "exit 3" not in told
    check_report(told, tmp_path)
