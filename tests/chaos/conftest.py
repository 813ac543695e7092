"""Two benches for the whole session: starting one takes longer than most tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.bench import Bench, open_benches
from tests.chaos.sweep import survey

_BENCHES = 2


@pytest.fixture(scope="session")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Bench]]:
    """Return emulators and workers that nobody else uses."""
    with open_benches(tmp_path_factory.mktemp("chaos"), _BENCHES) as benches:
        yield benches


@pytest.fixture
def bench(benches: list[Bench]) -> Bench:
    """Return the first bench."""
    return benches[0]


@pytest.fixture(scope="session")
def moments(benches: list[Bench]) -> dict[str, int]:
    """Return at how many moments of each kind an undisturbed run can die."""
    return survey(benches[0])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
