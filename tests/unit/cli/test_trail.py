"""Tests of what a broken-off command is said to leave."""

import pytest

from rcl_flow.cli.trail import Trail, left_behind
from rcl_flow.pipeline.runs.events import Event, ItemsDone, StepFailed, StepFinished, StepStarted


def done(step: str, detail: str = "") -> tuple[Event, ...]:
    """Return the events of a step that ended well."""
    return StepStarted(step), StepFinished(step, 1.0, False, detail)


def broken(step: str) -> tuple[Event, ...]:
    """Return the events of a step that a signal has ended."""
    return StepStarted(step), StepFailed(step, 1.0)


AUDITED = done("audit datasets")
TRAINED = (*AUDITED, *done("ask training", "rf-1"), *done("await training", "rf-1"))
LEFT = {
    "audit": (broken("audit datasets"), ("Nothing was made on AWS",)),
    "upload": (
        (*AUDITED, StepStarted("upload"), ItemsDone("upload", 40, 100), *broken("upload")),
        ("40 of 100 images are in the bucket and will not be sent again.",),
    ),
    "uploaded": ((*AUDITED, *done("upload")), ("No model runs for this command; what was made",)),
    "asking": ((*AUDITED, *broken("ask training")), ("The training may have been asked for",)),
    "training": (
        (*AUDITED, *done("ask training", "rf-1"), *broken("await training")),
        ("The training of rf-1 goes on without this command", "No model runs"),
    ),
    "resumed": (
        (*AUDITED, *done("look for training", "rf-1"), *broken("await training")),
        ("The training of rf-1 goes on without this command", "No model runs"),
    ),
    "predicting": (
        (
            *TRAINED,
            *done("start model"),
            StepStarted("predict holdout"),
            ItemsDone("predict holdout", 300, 988),
            StepFailed("predict holdout", 1.0),
            *done("stop model", "STOPPED, read back"),
        ),
        (
            "The model is trained; that is not done or paid for again.",
            "300 of 988 images are answered and will not be asked again.",
            "The model is STOPPED, read back: it costs nothing now.",
        ),
    ),
    "predicting any images": (
        (
            *done("find model"),
            *done("start model"),
            StepStarted("predict images"),
            ItemsDone("predict images", 2, 9),
            StepFailed("predict images", 1.0),
        ),
        (
            "2 of 9 images are answered and will not be asked again.",
            "The model may be running, which costs money: `rcl-flow stop --all` stops it.",
        ),
    ),
    "not stopped": (
        (*done("start model"), *broken("predict holdout"), *broken("stop model")),
        ("The model may be running, which costs money: `rcl-flow stop --all` stops it.",),
    ),
    "started again": (
        (*done("start model"), *done("stop model", "STOPPED, read back"), *done("start model")),
        ("The model may be running, which costs money",),
    ),
    "copying": (
        (*done("ensure project"), *broken("copy version")),
        ("The copy goes on without this command",),
    ),
}


@pytest.mark.parametrize("case", LEFT)
def test_left_behind_tells_the_state_of_what_was_begun(case: str) -> None:
    """Each sentence is about one thing: bucket, training, answers, model."""
    events, begins = LEFT[case]
    trail = Trail()
    for event in events:
        trail.note(event)
    told = left_behind(trail)
    assert [sentence.startswith(begin) for sentence, begin in zip(told, begins, strict=True)] == [
        True
    ] * len(begins), told


def test_broken_step_is_the_one_under_way_and_not_what_cleaned_up() -> None:
    """The stop that follows a signal ended well, so it is not named."""
    trail = Trail()
    assert trail.broken_step() == ""
    for event in LEFT["predicting"][0]:
        trail.note(event)
    assert trail.broken_step() == "predict holdout"
