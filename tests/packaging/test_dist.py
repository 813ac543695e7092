"""What `make dist` builds: the same bytes from the same commit, with all that is needed in it."""

import os
import re
import subprocess
import tarfile
import time
import tomllib
import zipfile
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

from rcl_flow import __version__
from tests.packaging.installing import ROOT

BUILDER = ROOT / ".venv-dist" / "bin" / "python"
EPOCH = "1750000000"
BROUGHT = {
    "constraints.txt": "infra/constraints.txt",
    "infra/build_lambda.sh": "infra/build_lambda.sh",
    "infra/template.yaml": "infra/template.yaml",
    "config/flow.schema.json": "schemas/flow.schema.json",
    "config/run.schema.json": "schemas/run.schema.json",
    "docs/errors.md": "docs/errors.md",
    "docs/06-your-data.md": "docs/06-your-data.md",
    "docs/07-manifest-errors.md": "docs/07-manifest-errors.md",
    "docs/08-formats.md": "docs/08-formats.md",
}
"""What lies outside the package in a checkout, and inside it in a wheel."""
SOURCES = {
    *("rcl_flow", "tests", "benchmarks", "website", "config", "docs", "infra"),
    *(path.name for path in ROOT.glob("constraints*.txt")),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "pyproject.toml"),
    *(".github", ".gitignore", "Makefile", "PKG-INFO"),
}

pytestmark = pytest.mark.skipif(
    not BUILDER.exists(), reason="`make .venv-dist/.installed` installs what builds"
)


@dataclass(frozen=True, slots=True)
class Built:
    """A wheel and a source archive."""

    wheel: Path
    archive: Path


def build(source: Path, to: Path, **surroundings: str) -> Built:
    """Build both from a folder as `make dist` does, under a umask of one's own."""
    told = {"SOURCE_DATE_EPOCH": EPOCH, "PYTHONDONTWRITEBYTECODE": "1", **surroundings}
    subprocess.run(
        [BUILDER, "-m", "hatchling", "build", "-d", to],
        cwd=source,
        env=os.environ | told,
        check=True,
        capture_output=True,
        umask=0o077 if surroundings else -1,
    )
    return Built(
        to / f"rcl_flow-{__version__}-py3-none-any.whl", to / f"rcl_flow-{__version__}.tar.gz"
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return what the checkout builds."""
    return build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def names(built: Built) -> set[str]:
    """Return the names of the files in the wheel."""
    with zipfile.ZipFile(built.wheel) as wheel:
        return set(wheel.namelist())


@pytest.fixture(scope="module")
def metadata(built: Built) -> Message:
    """Return what the wheel says of itself."""
    with zipfile.ZipFile(built.wheel) as wheel:
        text = wheel.read(f"rcl_flow-{__version__}.dist-info/METADATA").decode()
    return Parser().parsestr(text)


def test_source_archive_builds_the_same_bytes_elsewhere(built: Built, tmp_path: Path) -> None:
    """Neither the folder, the files' times, who may read them, the zone nor the order counts."""
    with tarfile.open(built.archive) as archive:
        archive.extractall(tmp_path / "elsewhere", filter="data")
    source = tmp_path / "elsewhere" / f"rcl_flow-{__version__}"
    for path in source.rglob("*"):
        os.utime(path, (1, 1))
    again = build(source, tmp_path / "again", TZ="Asia/Tokyo", PYTHONHASHSEED="7")
    assert again.wheel.read_bytes() == built.wheel.read_bytes()
    assert again.archive.read_bytes() == built.archive.read_bytes()


def test_make_builds_the_same_bytes_from_the_source_archive(built: Built, tmp_path: Path) -> None:
    """There is no commit to ask for its time, and none is needed: the archive's files have it."""
    with tarfile.open(built.archive) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / f"rcl_flow-{__version__}"
    (source / ".venv-dist").symlink_to(BUILDER.parents[1])
    told = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    subprocess.run(
        ["make", "--old-file=.venv-dist/.installed", "dist"],
        cwd=source,
        env=told,
        check=True,
        capture_output=True,
    )
    again = source / "dist" / built.archive.name
    assert again.read_bytes() == built.archive.read_bytes()


def test_files_have_the_time_of_the_commit(built: Built) -> None:
    """Another commit is another time, whatever the clock says while it is built."""
    with zipfile.ZipFile(built.wheel) as wheel:
        times = {entry.date_time for entry in wheel.infolist()}
    assert times == {time.gmtime(int(EPOCH))[:6]}


def test_wheel_holds_the_package_and_what_it_hands_out(names: set[str]) -> None:
    """Every file of the package, `py.typed` among them, and what it reads from outside itself."""
    package = (ROOT / "rcl_flow").rglob("*")
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in package
        if path.is_file() and path.suffix != ".pyc"
    }
    brought = {f"rcl_flow/{inside}" for inside in BROUGHT.values()}
    about = {name for name in names if name.startswith(f"rcl_flow-{__version__}.dist-info/")}
    assert names - about == ours | brought
    assert "rcl_flow/py.typed" in names


def test_wheel_brings_files_as_they_are(built: Built) -> None:
    """What lies outside the package in a checkout is the same file in the wheel."""
    with zipfile.ZipFile(built.wheel) as wheel:
        for outside, inside in BROUGHT.items():
            assert wheel.read(f"rcl_flow/{inside}") == (ROOT / outside).read_bytes()


def test_wheel_holds_nothing_else(names: set[str]) -> None:
    """No tests, benchmarks or bytecode; one package, its licence beside it."""
    about = f"rcl_flow-{__version__}.dist-info"
    assert {name.partition("/")[0] for name in names} == {"rcl_flow", about}
    assert not [name for name in names if name.endswith(".pyc") or "/tests/" in name]
    assert {name.removeprefix(f"{about}/") for name in names if name.startswith(about)} == {
        *("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    }


def test_source_archive_holds_what_a_packager_needs(built: Built) -> None:
    """Sources, documents, what tests and builds them, the licence; nothing that a machine left."""
    with tarfile.open(built.archive) as archive:
        members = archive.getnames()
    assert {name.partition("/")[0] for name in members} == {f"rcl_flow-{__version__}"}
    assert {name.split("/")[1] for name in members if "/" in name} == SOURCES
    assert not [name for name in members if "__pycache__" in name or name.endswith(".pyc")]


def test_long_description_leads_nowhere_in_the_repository(metadata: Message) -> None:
    """It is the README's text, read where the README's neighbours are not."""
    told = metadata.get_payload()
    assert isinstance(told, str)
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert told.lstrip().startswith("# rcl-flow\n")
    assert re.search(r"^Ten minutes on the emulator lead from ", told, re.MULTILINE)
    assert not re.findall(r"!\[|\]\((?!https:)", told)
    readme = (ROOT / "README.md").read_text()
    assert re.findall(r"^#+ .+", told, re.MULTILINE) == re.findall(r"^#+ .+", readme, re.MULTILINE)


def test_wheel_says_what_it_is(metadata: Message) -> None:
    """The version of the package, its licence, its Python and its extras."""
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert metadata.get_all("Provides-Extra") == sorted(project["optional-dependencies"])
