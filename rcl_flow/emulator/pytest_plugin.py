"""The pytest plugin: an emulated Custom Labels for the tests of any project.

Loaded by every pytest run where this package is installed, so it imports nothing heavy until a
test asks for the emulator.
"""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rcl_flow.emulator.box import CustomLabels
    from rcl_flow.emulator.settings import EmulatorSettings

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

    settings = _settings_of_marker(request.node.get_closest_marker(MARKER))
    with running_emulator(settings) as box:
        yield box
        left = box.running_models()
    if left and request.config.getini(LEAK_OPTION):
        pytest.fail(f"the test leaves a model running, which bills by the hour: {', '.join(left)}")


def _settings_of_marker(marker: pytest.Mark | None) -> "EmulatorSettings":
    """Return the settings that a test asks for; a slip in them fails it in one line."""
    from rcl_flow.emulator.conditions.scenario import load_scenario
    from rcl_flow.emulator.settings import settings_of

    if marker and marker.args:
        pytest.fail(f"settings of {MARKER} have names, such as clock={marker.args[0]!r}")
    try:
        settings = settings_of(marker.kwargs if marker else {})
        if settings.scenario:
            load_scenario(settings.scenario)
    except (TypeError, ValueError) as error:
        pytest.fail(f"the marker {MARKER}: {error}", pytrace=False)
    return settings


@pytest.fixture
def custom_labels_environment(
    custom_labels: "CustomLabels", monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Point this process at the test's emulator, for code that makes its own clients.

    The variables of the real AWS are taken away for the time of the test.
    """
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    variables = {**custom_labels.environment, **files}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture(scope="session")
def custom_labels_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run one emulator in a process of its own for all tests, for what is dear to make.

    Such as a trained model; every test sees what the others leave there.
    """
    from rcl_flow.emulator.launch import ensure_running, shut_down
    from rcl_flow.emulator.settings import EmulatorSettings

    folder = tmp_path_factory.mktemp("custom-labels")
    handle = ensure_running(folder, EmulatorSettings(), outlives=False)
    yield handle.endpoint_url
    shut_down(folder)
