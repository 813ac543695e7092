"""Tests of the data that a retraining under way holds on to."""

from dataclasses import replace

import pytest

from rcl_flow.core.datasets.dataset import Datasets
from rcl_flow.core.retraining.arrivals import Pin
from rcl_flow.core.retraining.retraining import Retraining
from rcl_flow.errors import RetrainingUnderWayError
from rcl_flow.pipeline.retraining.under_way import (
    UnderWay,
    begin,
    read_under_way,
    release,
    require_pinned,
)
from rcl_flow.pipeline.state.backend import Backend
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
    held = read_under_way("p", services)
    assert held is not None
    assert release("p", held, services)
    assert read_under_way("p", services) is None


def test_only_ones_own_data_are_let_go_of(bench: Bench) -> None:
    """A slow process that ends an earlier retraining does not end the one that began since."""
    services, first = bench.services(), under_way(bench, 3)
    begin("p", first, services)
    assert release("p", first, services)
    bench.clock.pass_by(60)
    second = under_way(bench, 4)
    begin("p", second, services)
    assert not release("p", first, services)
    assert read_under_way("p", services) == second


def test_images_for_one_call_are_refused_while_another_retraining_goes_on(bench: Bench) -> None:
    """They would be left out; those that it began with are no news."""
    services = bench.services()
    require_pinned(["new"], "p", services)
    begin("p", under_way(bench, 3).model_copy(update={"sources": ("known",)}), services)
    require_pinned([], "p", services)
    require_pinned(["known"], "p", services)
    with pytest.raises(RetrainingUnderWayError, match="new would be left out"):
        require_pinned(["known", "new"], "p", services)
