"""What pyproject.toml says of the package agrees with the rest."""

import re
import tomllib
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from rcl_flow import __version__
from tests.packaging.installing import PYTHONS, ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
SHIPPED = [
    *PROJECT["dependencies"],
    *(each for name, of in EXTRAS.items() if name != "dev" for each in of),
]
INSTALLING = (ROOT / "docs" / "installing.md").read_text()


def pinned() -> set[str]:
    """Return the names that the constraints of what is shipped pin to one version."""
    texts = [(ROOT / name).read_text() for name in ("constraints.txt", "constraints-mlflow.txt")]
    lines = [line for text in texts for line in text.splitlines()]
    return {canonicalize_name(line.partition("==")[0]) for line in lines if "==" in line}


def test_version_stands_in_both_places() -> None:
    """The package says of itself what its metadata says."""
    assert PROJECT["version"] == __version__


def test_classifiers_name_every_python() -> None:
    """Each version of Python that is tried is told, and no other; none is ruled out."""
    told = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert tuple(told) == PYTHONS
    assert all(minor in SpecifierSet(PROJECT["requires-python"]) for minor in PYTHONS)


def test_workflow_tries_every_python() -> None:
    """The wheel is installed on each, and the tests run on each."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())["jobs"]
    assert jobs["wheel"]["strategy"]["matrix"]["python"] == list(PYTHONS)
    first, *others = PYTHONS
    assert jobs["tests"]["strategy"]["matrix"]["python"] == others
    (checked,) = [
        step["with"] for step in jobs["check"]["steps"] if "python-version" in step.get("with", {})
    ]
    assert checked["python-version"] == first


@pytest.mark.parametrize("requirement", SHIPPED)
def test_dependency_is_bounded_and_pinned(requirement: str) -> None:
    """A user's install stops before the next breaking release; ours takes one known version."""
    read = Requirement(requirement)
    assert {part.operator for part in read.specifier} == {">=", "<"}
    assert canonicalize_name(read.name) in pinned()


@pytest.mark.parametrize("extra", [name for name in EXTRAS if name != "dev"])
def test_extra_is_documented_with_its_size(extra: str) -> None:
    """The page of installing has a row for each extra, with what it takes."""
    assert re.search(rf"^\| `{extra}` \| \+?\d+ MB \|", INSTALLING, re.MULTILINE)


def test_page_names_every_python() -> None:
    """A reader finds their version."""
    assert all(minor in INSTALLING for minor in PYTHONS)


def test_tools_that_build_are_pinned() -> None:
    """Another hatchling would be other bytes: its version stands in the wheel."""
    text = (ROOT / "constraints-dist.txt").read_text()
    for tool in ("hatchling", "hatch-fancy-pypi-readme", "cyclonedx-bom", "pip_audit"):
        assert re.search(rf"^{tool}==\d+[.\d]*$", text, re.MULTILINE)
