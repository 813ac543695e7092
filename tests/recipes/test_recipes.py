"""Each recipe of CONTRIBUTING.md is followed on a copy of the tree, and what it adds works."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rcl_flow.emulator.launch import shut_down
from tests.docs.desks import IMAGES, put_config, put_digits
from tests.docs.fences import ROOT
from tests.recipes.worked import RECIPES, Recipe

EXAMPLES = Path(__file__).with_name("examples")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
COPIED = ("rcl_flow", "docs/06-your-data.md")


def section(title: str) -> str:
    """Return what stands below a heading of CONTRIBUTING.md."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", CONTRIBUTING, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def copied(folder: Path) -> Path:
    """Copy the part of the tree that the recipes change."""
    shutil.copytree(
        ROOT / "rcl_flow", folder / "rcl_flow", ignore=shutil.ignore_patterns("__pycache__")
    )
    (folder / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "06-your-data.md", folder / "docs")
    return folder


def follow(recipe: Recipe, tree: Path) -> None:
    """Write what the recipe says."""
    for path, example in recipe.new_files.items():
        shutil.copy(EXAMPLES / example, tree / path)
    for insertion in recipe.insertions:
        changed = tree / insertion.path
        text = changed.read_text()
        assert insertion.behind in text, (insertion.path, insertion.behind)
        whole = insertion.behind + insertion.text
        changed.write_text(text.replace(insertion.behind, whole, 1))


def attempt(recipe: Recipe, tree: Path) -> "subprocess.CompletedProcess[str]":
    """Try what the recipe adds."""
    return subprocess.run(
        [sys.executable, "-c", recipe.tried],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Path]:
    """Return a copy of the tree, beside images and a config; an emulator ends with the test."""
    for split, images in IMAGES.items():
        put_digits(tmp_path / "images" / split, split=split, images=images)
    sets = {split: {"folder": f"images/{split}"} for split in IMAGES}
    put_config(tmp_path / "flow.yaml", {"project": "parts", "data": sets})
    yield copied(tmp_path)
    shut_down(tmp_path / ".rcl-flow" / "emulator")


@pytest.mark.parametrize("title", RECIPES)
def test_recipe_works(title: str, tree: Path) -> None:
    """What was written where the recipe says does what it is for."""
    follow(RECIPES[title], tree)
    done = attempt(RECIPES[title], tree)
    assert done.returncode == 0, done.stderr


def test_trial_fails_where_the_recipe_was_not_followed(tree: Path) -> None:
    """The trials are of what the recipe adds, and not of what was there."""
    assert attempt(RECIPES["Add a finding"], tree).returncode == 1


@pytest.mark.parametrize("title", RECIPES)
def test_recipe_names_each_place(title: str) -> None:
    """Whoever follows the section writes to every file that the worked example does."""
    told = section(title)
    recipe = RECIPES[title]
    places = {insertion.path for insertion in recipe.insertions}
    places |= {f"{Path(path).parent.as_posix()}/" for path in recipe.new_files}
    assert [place for place in sorted(places) if f"`{place}`" not in told] == []
