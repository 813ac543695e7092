"""The software bill of materials (CycloneDX) of what is installed with the wheel."""

from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final

from packaging.utils import canonicalize_name

from tests.packaging.installing import ROOT

NAME: Final = "rcl-flow"
SPEC: Final = "1.6"
"""The version of CycloneDX that is written."""


def installed(environment: Path) -> dict[str, str]:
    """Return name and version of each distribution in an environment's folder."""
    places = [str(path) for path in environment.glob("lib/python*/site-packages")]
    return {str(canonicalize_name(each.name)): each.version for each in distributions(path=places)}


def bill_faults(bill: Mapping[str, Any], present: Mapping[str, str]) -> Iterator[str]:
    """Yield what a bill lacks; that it is CycloneDX its writer has checked already.

    Args:
        bill: the document.
        present: version by normalized name of what is installed, the package among it.
    """
    main = bill["metadata"]["component"]
    if (main["name"], main["version"]) != (NAME, present[NAME]):
        yield f"it is the bill of {main['name']} {main['version']}"
    listed = {str(canonicalize_name(part["name"])): part for part in bill["components"]}
    for name in sorted(present.keys() - listed.keys() - {NAME}):
        yield f"{name} is missing"
    for name in sorted(listed.keys() - present.keys()):
        yield f"{name} is not installed"
    for name in sorted(listed.keys() & present.keys()):
        yield from part_faults(listed[name], name, present[name])
    if str(Path.home()) in str(bill) or "file:/" in str(bill):
        yield "it names a folder of the machine that it was made on"


def part_faults(part: Mapping[str, Any], name: str, version: str) -> Iterator[str]:
    """Yield what one component lacks."""
    if part.get("version") != version:
        yield f"{name} is {version} and not {part.get('version')}"
    if part.get("purl") != f"pkg:pypi/{name}@{version}":
        yield f"{name} has the address {part.get('purl')}"
    if not part.get("licenses"):
        yield f"{name} has no licence"


def bill_command(environment: Path, to: Path) -> list[str]:
    """Return the command that writes and validates the bill; it asks nothing of the network."""
    writer = ROOT / ".venv-audit" / "bin" / "cyclonedx-py"
    chosen = ["--output-reproducible", "--spec-version", SPEC, "--output-format", "JSON"]
    about = ["--pyproject", "pyproject.toml", "--mc-type", "application"]
    python = str(environment / "bin" / "python")
    return [
        str(writer),
        "environment",
        *about,
        *chosen,
        "--validate",
        "--output-file",
        str(to),
        python,
    ]
