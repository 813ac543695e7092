"""The package's public face, its weight, and its map."""

import re
import subprocess
import sys
from pathlib import Path

import rcl_flow

ROOT = Path(__file__).parents[1]


def test_public_names_are_the_documented_ones() -> None:
    """Every name of `__all__` resolves, and nothing resolves that is not in it."""
    assert sorted(rcl_flow.__all__) == sorted(rcl_flow._HOMES)
    assert all(getattr(rcl_flow, name) is not None for name in rcl_flow.__all__)


def test_package_is_light_to_import() -> None:
    """`import rcl_flow` loads nothing heavy."""
    code = (
        "import sys, rcl_flow; heavy = {'moto', 'boto3', 'botocore', 'numpy', 'PIL', 'pydantic',"
        " 'sklearn'}; sys.exit(len(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_launching_the_emulator_needs_no_heavy_package() -> None:
    """A client that only starts or finds the emulator loads neither moto nor numpy."""
    code = (
        "import sys, rcl_flow.emulator.launch; heavy = {'moto', 'boto3', 'numpy', 'PIL'};"
        " sys.exit(len(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def rows_of(section: str) -> list[tuple[str, list[str]]]:
    """Return the folders of a map in docs/architecture.md, each with the modules that it names."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    below = page.partition(f"## {section}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)/` \| .+ \| (`.+`) \|$", below, re.MULTILINE)
    return [(folder, re.findall(r"`(\w+)`", modules)) for folder, modules in rows]


def modules_in(room: str) -> list[str]:
    """Return the modules in the folders of a room, each after its folder."""
    paths = (ROOT / "rcl_flow" / room).glob("*/*.py")
    return sorted(f"{path.parent.name}/{path.stem}" for path in paths if path.stem != "__init__")


def test_map_of_the_pipeline_has_each_module_in_its_folder() -> None:
    """Who looks for a subject finds its modules in docs/architecture.md, and none that is gone."""
    rows = rows_of("The pipeline, by subject")
    named = [f"{folder}/{name}" for folder, names in rows for name in names]
    assert sorted(named) == modules_in("pipeline")


def test_map_of_the_core_has_each_folder() -> None:
    """Each subject has a folder, and a module in it to begin with."""
    there = modules_in("core")
    begin = {folder: f"{folder}/{names[0]}" for folder, names in rows_of("The core, by subject")}
    assert sorted(begin) == sorted({module.partition("/")[0] for module in there})
    assert set(begin.values()) <= set(there)
