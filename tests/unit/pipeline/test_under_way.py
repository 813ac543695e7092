"""Tests of the data that a retraining under way holds on to."""

from dataclasses import replace

from rcl_flow.core.arrivals import Pin
from rcl_flow.core.dataset import Datasets
from rcl_flow.core.retraining import Retraining
from rcl_flow.pipeline.backend import Backend
from rcl_flow.pipeline.under_way import UnderWay, begin, read_under_way, release
from tests.builders import labelled
from tests.unit.pipeline.bench import Bench


def under_way(bench: Bench, images: int) -> UnderWay:
    """Return a retraining on so many images."""
    return UnderWay(
        begun_at=bench.clock.now(),
        pin=Pin(datasets=Datasets(holdout=labelled("holdout", {"a": images}))),
        verdict=Retraining(train=True, reasons=()),
    )


def test_of_two_that_begin_at_once_the_first_one_counts(bench: Bench) -> None:
    """Whoever comes second goes on with the first one's data, so that one training is begun."""
    services, first = bench.services(), under_way(bench, 3)
    assert begin("p", first, services)
    assert not begin("p", under_way(bench, 4), services)
    assert read_under_way("p", services) == first


def test_data_are_held_for_one_project_on_one_backend(bench: Bench) -> None:
    """Another project, and the same name on another backend, have their own."""
    services = bench.services()
    assert begin("p", under_way(bench, 3), services)
    other = replace(services, backend=Backend(kind="aws", region="eu-west-1", account="1" * 12))
    assert read_under_way("q", services) is None
    assert read_under_way("p", other) is None
    release("p", services)
    assert read_under_way("p", services) is None
