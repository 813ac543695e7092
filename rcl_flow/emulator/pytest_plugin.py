"""The pytest plugin: an emulated Custom Labels for the tests of any project.

Loaded by every pytest run where this package is installed, so it imports nothing heavy until a
test asks for the emulator.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rcl_flow.emulator.box import CustomLabels

MARKER = "custom_labels"
LEAK_OPTION = "custom_labels_fail_on_running"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of the ini file."""
    parser.addini(
        LEAK_OPTION,
        "Fail a test of the fixture custom_labels that leaves a model starting or running.",
        type="bool",
        default=False,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Tell of the marker."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(**settings): settings of the emulator, such as clock='manual', "
        "training_seconds=86400 or enforce_quotas=True.",
    )


@pytest.fixture
def custom_labels(request: pytest.FixtureRequest) -> Iterator["CustomLabels"]:
    """Run an empty emulator for one test.

    The test fails when it leaves a model running and the ini option says so.
    """
    from rcl_flow.emulator.box import running_emulator
    from rcl_flow.emulator.settings import EmulatorSettings

    marker = request.node.get_closest_marker(MARKER)
    settings = EmulatorSettings(**(marker.kwargs if marker else {}))
    with running_emulator(settings) as box:
        yield box
        left = box.running_models()
    if left and request.config.getini(LEAK_OPTION):
        pytest.fail(f"the test leaves a model running, which bills by the hour: {', '.join(left)}")
