"""The bill of materials lists what is installed, each part with version, address and licence."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.bill import bill_faults, installed

PRESENT = {"rcl-flow": "0.1.0", "pyyaml": "6.0.3"}
GOOD: dict[str, Any] = {
    "metadata": {"component": {"name": "rcl-flow", "version": "0.1.0"}},
    "components": [
        {
            "name": "PyYAML",
            "version": "6.0.3",
            "purl": "pkg:pypi/pyyaml@6.0.3",
            "licenses": [{"license": {"id": "MIT"}}],
        }
    ],
}


def test_whole_bill_has_no_fault() -> None:
    """Names are compared as an index does."""
    assert list(bill_faults(GOOD, PRESENT)) == []


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda bill: bill["components"].clear(), "pyyaml is missing"),
        (
            lambda bill: bill["components"][0].update(version="5.0"),
            "pyyaml is 6.0.3 and not 5.0",
        ),
        (
            lambda bill: bill["components"][0].update(purl="pkg:npm/pyyaml@6.0.3"),
            "pyyaml has the address pkg:npm/pyyaml@6.0.3",
        ),
        (lambda bill: bill["components"][0].pop("licenses"), "pyyaml has no licence"),
        (
            lambda bill: bill["metadata"]["component"].update(name="other"),
            "it is the bill of other 0.1.0",
        ),
        (
            lambda bill: bill.update(serial="file:///somewhere"),
            "it names a folder of the machine that it was made on",
        ),
    ],
)
def test_each_lack_is_told(spoil: Callable[[dict[str, Any]], object], fault: str) -> None:
    """One thing that is wrong is one fault."""
    bill = copy.deepcopy(GOOD)
    spoil(bill)
    assert list(bill_faults(bill, PRESENT)) == [fault]


def test_what_is_not_installed_has_no_place_in_it() -> None:
    """A bill of another environment is noticed."""
    assert list(bill_faults(GOOD, {"rcl-flow": "0.1.0"})) == ["pyyaml is not installed"]


def test_installed_is_read_from_the_environment_s_folder(tmp_path: Path) -> None:
    """Not from the environment that the tests run in."""
    about = tmp_path / "lib" / "python3.13" / "site-packages" / "Some_Thing-1.2.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: Some_Thing\nVersion: 1.2\n")
    assert installed(tmp_path) == {"some-thing": "1.2"}
