"""What the tests of the deployment share."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from rcl_flow.wiring.worker_config import CONFIG_VARIABLE
from tests.infra.deployment import CONFIG_URI, Deployment, deployed

Deploy = Callable[..., Deployment]


@pytest.fixture
def deploy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deploy]:
    """Return what deploys the driver until the test ends; its arguments are config sections."""
    monkeypatch.setenv(CONFIG_VARIABLE, CONFIG_URI)
    with ExitStack() as stack:

        def make(*, with_data: bool = True, **sections: object) -> Deployment:
            made: AbstractContextManager[Deployment] = deployed(
                tmp_path, with_data=with_data, **sections
            )
            return stack.enter_context(made)

        yield make
