"""What holds for all tests: how many examples properties are tried on, and which test is first."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]

# a busy machine is no failure
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("short", PATIENT, max_examples=40, stateful_step_count=25)
settings.register_profile("thorough", PATIENT, max_examples=400, stateful_step_count=50)
settings.load_profile("short")  # `make slow` takes the other

LONGEST = (
    "tests/chaos/test_sweep.py",
    "tests/infra/test_weeks.py",
    "tests/infra/test_driver.py",
    "tests/emulator/test_stateful.py",
    "tests/e2e/test_run.py",
    "tests/unit/pipeline/test_collecting.py",
    "tests/unit/pipeline/test_audit_corpus.py",
    "tests/emulator/learning/test_detector.py",
    "tests/emulator/test_pytest_plugin.py",
)
"""Files with tests that take so long that a worker would be alone with one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first; the others stay in their order."""
    places = {ROOT / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))
