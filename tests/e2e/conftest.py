"""Real processes on small sets of real images, each test in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rcl_flow.imaging.digits import DemoImage
from tests.digits import demo_digits
from tests.e2e.bench import Bench

LABELS = ("zero", "one", "seven")
IMAGES = {"train": 12, "test": 6, "holdout": 20}


@pytest.fixture(scope="session")
def digits() -> list[DemoImage]:
    """All of the demo's images."""
    return list(demo_digits())


@pytest.fixture
def bench(tmp_path: Path, digits: list[DemoImage]) -> Iterator[Bench]:
    """A folder with 36, 18 and 60 real digits and a config; its emulator ends with the test."""
    bench = Bench(tmp_path)
    for split, count in IMAGES.items():
        for label in LABELS:
            chosen = [i for i in digits if i.split == split and i.label == label][:count]
            for image in chosen:
                bench.put_image(split, label, image.file_name, image.png)
    bench.write_config({})
    yield bench
    bench.end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
