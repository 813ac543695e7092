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
COPIED = ("rcl_flow", "docs", "config", "infra", "website", "tests")
RENEWED = "`make docs-reference`"
"""What a recipe says where something is made of the code."""
SHORT = ("Add a finding", "Add a format")
"""The recipes whose every test is run each time; those of the others by `make slow`."""
QUIETLY = ("-q", "-x", "-n", "0", "-p", "no:cacheprovider", "--no-header")


def section(title: str) -> str:
    """Return what stands below a heading of CONTRIBUTING.md."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", CONTRIBUTING, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def is_told(place: str, told: str) -> bool:
    """Say whether a text names a file, or the folder that it is in."""
    return f"`{place}`" in told or f"`{Path(place).parent.as_posix()}/`" in told


def copied(folder: Path) -> Path:
    """Copy what the recipes change, and the tests that judge it."""
    for name in COPIED:
        without = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=without)
    for path in (*ROOT.glob("*.md"), ROOT / "pyproject.toml", ROOT / "Makefile"):
        shutil.copy(path, folder)
    return folder


def changed(recipe: Recipe) -> list[str]:
    """Return the modules that the recipe writes or changes."""
    paths = {*recipe.new_files, *(insertion.path for insertion in recipe.insertions)}
    return sorted(path for path in paths if path.endswith(".py"))


def follow(recipe: Recipe, tree: Path) -> None:
    """Write what the recipe says."""
    for path, example in recipe.new_files.items():
        shutil.copy(EXAMPLES / example, tree / path)
    for insertion in recipe.insertions:
        place = tree / insertion.path
        text = place.read_text()
        assert insertion.behind in text, (insertion.path, insertion.behind)
        whole = insertion.behind + insertion.text
        place.write_text(text.replace(insertion.behind, whole, 1))


def python(tree: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with the tree's modules."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
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
    done = python(tree, "-c", RECIPES[title].tried)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "title",
    [pytest.param(title, marks=() if title in SHORT else pytest.mark.slow) for title in RECIPES],
)
def test_recipe_is_complete(title: str, tree: Path) -> None:
    """Whoever has followed it to the end meets no linter and no test that wants more."""
    recipe = RECIPES[title]
    follow(recipe, tree)
    if RENEWED in section(title):
        assert python(tree, "-m", "website").returncode == 0
    python(tree, "-m", "ruff", "format", "--no-cache", *changed(recipe))
    linted = python(tree, "-m", "ruff", "check", "--no-cache", "-q", *changed(recipe))
    assert linted.returncode == 0, linted.stdout
    judged = python(tree, "-m", "pytest", *QUIETLY, *recipe.judges)
    assert judged.returncode == 0, judged.stdout


def test_trial_fails_where_the_recipe_was_not_followed(tree: Path) -> None:
    """The trials are of what the recipe adds, and not of what was there."""
    assert python(tree, "-c", RECIPES["Add a finding"].tried).returncode == 1


@pytest.mark.parametrize("title", RECIPES)
def test_recipe_names_each_place(title: str) -> None:
    """Whoever follows the section writes to every file that the worked example does."""
    told = section(title)
    recipe = RECIPES[title]
    places = {*recipe.new_files, *(insertion.path for insertion in recipe.insertions)}
    assert [place for place in sorted(places) if not is_told(place, told)] == []
