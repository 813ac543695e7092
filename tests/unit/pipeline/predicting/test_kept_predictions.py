"""Tests of the file of answers and its share: exchanged both ways, and each kept once."""

from dataclasses import replace

from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.pipeline.predicting.kept_predictions import (
    append_predictions,
    exchange_predictions,
    known_predictions,
    predictions_path,
    read_predictions,
    unanswered,
)
from rcl_flow.pipeline.runs.services import Services
from tests.unit.pipeline.bench import Bench

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/shades/version/rf-1/1"


def machine(bench: Bench, name: str) -> Services:
    """Return the services of a machine that shares the state."""
    services = replace(bench.services(), state_is_shared=True)
    return replace(services, workspace=bench.folder / name)


def answer(sha256: str, confidence_percent: float = 50.0) -> Prediction:
    """Return an answer."""
    return Prediction(sha256=sha256, confidences_percent={"red": confidence_percent})


def test_unanswered_are_those_without_an_answer_in_their_order(bench: Bench) -> None:
    """Lines that are none, and answers for other images, change nothing."""
    services = bench.services()
    path = predictions_path(services.workspace, ARN)
    images = bench.dataset("holdout", 2, 0).images
    assert unanswered(images, path) == list(images)
    append_predictions([answer(images[1].sha256), answer("other")], path, services)
    with path.open("a") as file:
        file.write('{"sha256":"torn\n')
    assert unanswered(images, path) == [images[0], *images[2:]]


def test_answers_are_exchanged_both_ways_and_kept_once(bench: Bench) -> None:
    """After it each side has all, whoever asked; where both did, its own answer stays."""
    here, there = machine(bench, "here"), machine(bench, "there")
    mine, theirs = (predictions_path(one.workspace, ARN) for one in (here, there))
    append_predictions([answer("a", 1), answer("both", 2)], mine, replace(here))
    append_predictions([answer("b", 3)], theirs, there)
    append_predictions([answer("both", 4), answer("c", 5)], theirs, alone(there))
    exchange_predictions(theirs, there)
    exchange_predictions(mine, here)
    for _ in range(2):
        exchange_predictions(theirs, there)
        exchange_predictions(mine, here)
        assert len(mine.read_text().splitlines()) == 4
        assert len(theirs.read_text().splitlines()) == 4
    found = {
        sha256: one.confidences_percent["red"] for sha256, one in read_predictions(mine).items()
    }
    assert found == {"a": 1, "both": 2, "b": 3, "c": 5}
    assert read_predictions(theirs)["both"].confidences_percent == {"red": 4}
    assert known_predictions(theirs, there).keys() == found.keys()


def test_a_batch_is_one_document_for_other_machines(bench: Bench) -> None:
    """However many answers it has; an empty one is none."""
    here = machine(bench, "here")
    path = predictions_path(here.workspace, ARN)
    append_predictions([answer(str(number)) for number in range(100)], path, here)
    append_predictions([], path, here)
    assert len(here.store.below("predictions/")) == 1
    assert len(read_predictions(path)) == 100


def alone(services: Services) -> Services:
    """Return the same services without a shared state."""
    return replace(services, state_is_shared=False)
