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


def test_map_of_the_pipeline_has_each_module_in_its_folder() -> None:
    """Who looks for a subject finds its modules in docs/architecture.md, and none that is gone."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    _, _, below = page.partition("## The pipeline, by subject\n")
    rows = re.findall(
        r"^\| `(\w+)/` \| .+ \| (`.+`) \|$", below.partition("\n## ")[0], re.MULTILINE
    )
    named = sorted(
        f"{folder}/{name}" for folder, row in rows for name in re.findall(r"`(\w+)`", row)
    )
    modules = (ROOT / "rcl_flow" / "pipeline").glob("*/*.py")
    there = {f"{path.parent.name}/{path.stem}" for path in modules if path.stem != "__init__"}
    assert named == sorted(there)
