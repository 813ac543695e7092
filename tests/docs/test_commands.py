"""Every block that the documents mark as commands runs as it is written."""

import hashlib
import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from rcl_flow.emulator.launch import shut_down
from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.emulator.testing import running_emulator
from tests.docs.fences import ROOT, blocks
from tests.docs.shell import Shell
from tests.docs.stories import ELSEWHERE, STORIES, Story, story_blocks

AT_ONCE = EmulatorSettings(
    dataset_seconds=0.0, training_seconds=0.0, starting_seconds=0.0, stopping_seconds=0.0
)


def read(name: str, story: Story, folder: Path) -> None:
    """Do what a reader of the story's pages does."""
    desk = folder / "desk"
    desk.mkdir()
    with running_emulator(replace(AT_ONCE, region=story.region)) as box, ExitStack() as emulators:
        story.prepare(desk, box)
        before = images_in(desk)
        for number, block in enumerate(story_blocks(name)):
            place = folder / f"desk-{number}" if story.afresh else desk
            if story.afresh:
                shutil.copytree(desk, place, symlinks=True)
            emulators.callback(shut_down, place / ".rcl-flow" / "emulator")
            Shell(place, {**box.environment, **runs_in(place)}).run(block)
            after = images_in(place)
            assert {name: after.get(name) for name in before} == before, block


def images_in(place: Path) -> dict[str, str]:
    """Return the digest of each image that the reader has, by its path."""
    return {
        path.relative_to(place).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in place.rglob("*.png")
        if ".rcl-flow" not in path.parts
    }


def runs_in(place: Path) -> dict[str, str]:
    """Return the variable by which pages name a run of the reader's: the first one."""
    runs = sorted(path.name for path in place.glob(".rcl-flow/runs/*"))
    return {"RUN": runs[0]} if runs else {}


@pytest.mark.e2e
@pytest.mark.parametrize("name", STORIES)
def test_commands_of_the_documents_run(name: str, tmp_path: Path) -> None:
    """Each block of each page of the story ends as the page says."""
    assert story_blocks(name)
    read(name, STORIES[name], tmp_path)


def test_no_block_is_left_out() -> None:
    """Each block of commands is in one story, or in the test that the table names."""
    told = [block for name in STORIES for block in story_blocks(name)]
    elsewhere = [block for block in blocks("sh") if block.page in ELSEWHERE]
    assert sorted((block.page, block.line_number) for block in (*told, *elsewhere)) == sorted(
        (block.page, block.line_number) for block in blocks("sh")
    )


@pytest.mark.parametrize(("page", "test"), ELSEWHERE.items())
def test_page_with_a_test_of_its_own_is_read_there(page: str, test: str) -> None:
    """What the table names is there, and is about that page."""
    assert Path(page).name in (ROOT / test).read_text()
