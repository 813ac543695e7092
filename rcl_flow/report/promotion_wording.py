"""The sentences about champions and challengers that pages and the terminal share."""

from collections.abc import Iterator

from rcl_flow.core.promotion.champions import ChampionEvent
from rcl_flow.core.promotion.promotion import PairedFigures
from rcl_flow.core.promotion.training_noise import TrainingNoise
from rcl_flow.report.figures import (
    format_change,
    format_change_interval,
    format_count,
    format_ratio,
)


def event_title(event: ChampionEvent) -> str:
    """Say in a few words what was decided, and how."""
    forced = ", by force" if event.forced else ""
    by_hand = ", by hand" if event.by_hand and not event.forced else ""
    return f"{event.kind}{forced}{by_hand}"


def event_reasons(event: ChampionEvent) -> str:
    """Return the reasons of a decision in sentences; of a forced one, what spoke against it."""
    told = " ".join(reason.message for reason in event.reasons)
    return f"Although: {told}" if event.forced and told else told


def change_text(paired: PairedFigures | None) -> str:
    """Write the change of F1 against the champion with its interval; empty without one."""
    if paired is None:
        return ""
    return f"{format_change(paired.f1)} {format_change_interval(paired.interval)}"


def noise_sentences(noise: TrainingNoise | None) -> Iterator[str]:
    """Say what is known of the chance of a training, and of the data's effect without it."""
    if noise is None:
        return
    if noise.spread is None:
        yield (
            "How much of this is the chance of one training is not known: `promotion.repeat` "
            "trains more than once on the same data."
        )
        return
    if noise.repeats > 1:
        scores = ", ".join(format_ratio(f1) for f1 in noise.f1)
        yield (
            f"{format_count(noise.repeats, 'training')} on the same data have the F1 {scores}; "
            "the median is put forward, since the best was chosen by the images that judge it."
        )
    spread = format_ratio(noise.spread)
    yield f"Between trainings on the same data the F1 has a standard deviation of {spread}."
    if noise.interval is not None and noise.change is not None:
        means = "more than" if noise.is_data else "no more than"
        yield (
            f"The data's effect is {format_change(noise.change)} "
            f"{format_change_interval(noise.interval)}: {means} the chance of images and "
            "trainings explains."
        )


def serving_sentences(
    champion: tuple[str, str] | None, before: tuple[str, str] | None
) -> Iterator[str]:
    """Say what changes for whoever serves the champion.

    Args:
        champion: ARN and status of the model that holds the place now.
        before: of the one that held it until now; None where that has not changed.
    """
    if champion is None:
        yield "There is no champion to serve."
    elif before is None:
        yield f"Whoever serves the champion goes on with {champion[0]} ({champion[1]})."
    else:
        yield f"Whoever serves the champion gets {champion[0]} ({champion[1]})"
        yield f"instead of {before[0]} ({before[1]})."
    if before is not None and before[1] in {"STARTING", "RUNNING"}:
        yield (
            "The model before is running and bills until its callers have moved and it is stopped: "
            f"rcl-flow stop {before[0]}"
        )
