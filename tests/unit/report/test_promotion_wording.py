"""Tests of the sentences about champions and challengers."""

import pytest

from rcl_flow.core.promotion.training_noise import TrainingNoise
from rcl_flow.report.promotion_wording import noise_sentences, serving_sentences

NEW, OLD = ("arn:new", "STOPPED"), ("arn:old", "RUNNING")


def told(**fields: object) -> str:
    """Return what is said of several trainings."""
    return " ".join(noise_sentences(TrainingNoise.model_validate(fields)))


def test_one_training_says_that_chance_is_unknown() -> None:
    """And what would tell it."""
    assert told(f1=(0.9,), champion_f1=(0.8,), change=0.1) == (
        "How much of this is the chance of one training is not known: `promotion.repeat` trains "
        "more than once on the same data."
    )
    assert list(noise_sentences(None)) == []


@pytest.mark.parametrize(
    ("interval", "means"), [((0.01, 0.05), "more than"), ((-0.01, 0.07), "no more than")]
)
def test_several_trainings_tell_chance_from_the_datas_effect(
    interval: tuple[float, float], means: str
) -> None:
    """An interval that holds zero is explained by chance."""
    sentences = told(
        f1=(0.9, 0.92, 0.91), champion_f1=(0.88,), spread=0.01, change=0.03, interval=interval
    )
    assert "3 trainings on the same data have the F1 0.900, 0.920, 0.910; the median" in sentences
    assert "standard deviation of 0.010" in sentences
    assert f": {means} the chance of images and trainings explains." in sentences


def test_serving_tells_what_changes_and_what_goes_on_billing() -> None:
    """A model that was served is not stopped by an alias."""
    sentences = list(serving_sentences(NEW, OLD))
    assert sentences[:2] == [
        "Whoever serves the champion gets arn:new (STOPPED)",
        "instead of arn:old (RUNNING).",
    ]
    assert sentences[2].endswith("rcl-flow stop arn:old")
    assert len(list(serving_sentences(NEW, ("arn:old", "STOPPED")))) == 2


def test_serving_tells_when_nothing_changes() -> None:
    """The champion goes on, or there is none."""
    assert list(serving_sentences(OLD, None)) == [
        "Whoever serves the champion goes on with arn:old (RUNNING)."
    ]
    assert list(serving_sentences(None, None)) == ["There is no champion to serve."]
