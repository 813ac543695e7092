"""Tell what to expect of a long step: how long it took before, and what an hour of it costs."""

from collections.abc import Sequence
from statistics import median
from typing import Final

from rcl_flow.core.costs.estimate import NOTHING, Estimate, estimate_inference, estimate_pace
from rcl_flow.pipeline.costs.expecting import expected_training
from rcl_flow.pipeline.costs.spending import history_of, past_inferences
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.state.ledger import LedgerEntry
from rcl_flow.pipeline.state.records import ArmedModel
from rcl_flow.report.figures import format_count, format_seconds

_SECONDS_PER_HOUR: Final = 3600


def tell_training_outlook(run: Run) -> None:
    """Say how long trainings of the project took before, or usually take, and their price.

    A tick says nothing: nobody watches it wait.
    """
    if run.blocking:
        history = history_of(run)
        usual = None if _is_emulated(run) else expected_training(run.training_images, (), run)
        price = _priced(run.config.prices.training_usd_per_hour, run)
        run.log.outlook(f"{took_before(history, usual)}; {price}")


def took_before(history: Sequence[LedgerEntry], usual: Estimate | None) -> str:
    """Return how long trainings took, in words.

    Args:
        history: the project's ledger, oldest first.
        usual: in seconds, what to say without a training in it; None on the emulator, which really
            trains: how long, is for this machine and the images to say.
    """
    billed = [one.seconds for one in history if one.kind == "training" and one.seconds > 0]
    if billed:
        count = format_count(len(billed), "training")
        return f"took {format_seconds(median(billed))} before (median of {count})"
    if usual is None:
        return "the first of this project, on this machine: seconds, or minutes for boxes"
    return (
        f"the first of this project; usual: {format_seconds(usual.low)} to "
        f"{format_seconds(usual.high)}"
    )


def tell_answers_outlook(images: int, units: int, history: Sequence[LedgerEntry], run: Run) -> None:
    """Say how long so many images took before, by the project's ledger; nothing without one.

    Args:
        images: that are to be asked for.
        units: inference units of the model.
        history: the project's ledger, oldest first.
        run: whose log tells it; a tick's says nothing.
    """
    past = [one for one in past_inferences(history) if one.seconds > 0 and one.images > 0]
    if run.blocking and past:
        pace = estimate_pace(past, NOTHING)
        seconds = estimate_inference(images, units, pace).expected
        count = format_count(images, "image")
        run.log.outlook(f"{count} took about {format_seconds(seconds)} before")


def tell_model_outlook(armed: ArmedModel, run: Run) -> None:
    """Say what an hour of the model costs that runs from now on."""
    since = armed.running_since or armed.armed_at
    hours = (run.services.clock.now() - since).total_seconds() / _SECONDS_PER_HOUR
    bills = 0.0 if _is_emulated(run) else armed.usd_per_hour
    run.log.outlook(
        f"runs until it is stopped: {_priced(armed.usd_per_hour, run)}",
        usd_per_hour=bills,
        usd_so_far=max(0.0, hours) * bills,
    )


def _is_emulated(run: Run) -> bool:
    return run.config.backend == "emulator"


def _priced(usd_per_hour: float, run: Run) -> str:
    if _is_emulated(run):
        return f"free here, {usd_per_hour:.2f} USD an hour on AWS"
    return f"{usd_per_hour:.2f} USD an hour"
