"""How many inference units a run takes: by what was measured before, and by what it measures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rcl_flow.core.costs.estimate import NOTHING, estimate_pace
from rcl_flow.core.serving.inference_units import Progress, choose_units, replan
from rcl_flow.pipeline.costs.spending import past_inferences
from rcl_flow.pipeline.predicting.known_rates import NOTHING_KNOWN, KnownRates
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.state.ledger import LedgerEntry
from rcl_flow.pipeline.state.records import ArmedModel

_PROBE_IMAGES = 32
_PROBE_SECONDS = 10.0
"""Before the pace of a model is judged whose limit has not shown itself yet."""
_SECONDS_PER_MINUTE = 60


def units_to_start(
    images: int, history: Sequence[LedgerEntry], run: Run, rates: KnownRates = NOTHING_KNOWN
) -> int:
    """Return the inference units to start with: the config's, or for `auto` what is known.

    What was measured of the version itself counts before what its project's models took; without
    either it is one unit, whose pace is then measured.

    Args:
        images: to be answered.
        history: the project's ledger.
        run: says what is wanted.
        rates: what is remembered of the version.
    """
    inference = run.config.inference
    if inference.inference_units != "auto":
        return inference.inference_units
    past = [one for one in past_inferences(history) if one.images > 0]
    pace = rates.per_unit
    if pace is None and past:
        pace = 1 / estimate_pace(past, NOTHING).seconds_per_image.expected
    if pace is None:
        return 1
    return choose_units(images, pace, _deadline(run), inference.max_inference_units).units


@dataclass(slots=True)
class Pacer:
    """Measures the pace of a running model, and says once whether more units are needed."""

    run: Run
    images: int
    """To be answered by this start."""
    began_at: datetime
    deadline_at: datetime
    may_restart: bool
    """A model is restarted once at most: each start costs minutes."""
    _answered: int = 0
    _has_judged: bool = False

    def more_units(
        self, armed: ArmedModel, answered: int, calls_per_second: float | None = None
    ) -> int | None:
        """Count answers; return the units to restart with, or None to go on as it is.

        Args:
            armed: the model that runs.
            answered: images since the last call.
            calls_per_second: the model's limit, where it has shown itself.
        """
        self._answered += answered
        now = self.run.services.clock.now()
        seconds = max((now - self.began_at).total_seconds(), 1e-3)
        if not self._is_time(seconds, calls_per_second) or armed.kept_until is not None:
            return None  # what is kept runs for others too
        self._has_judged = True
        pace = calls_per_second or self._answered / seconds
        progress = Progress(
            images_left=self.images - self._answered,
            images_per_second_per_unit=pace / armed.inference_units,
            units=armed.inference_units,
            seconds_left=(self.deadline_at - now).total_seconds(),
        )
        most = self.run.config.inference.max_inference_units
        choice = replan(progress, most, _restart_seconds(armed))
        if choice is None or choice.units <= armed.inference_units:
            return None
        self.run.log.notice(
            f"{pace:.1f} images a second do not meet the deadline: the model is restarted with "
            f"{choice.units} inference units."
        )
        return choice.units

    def _is_time(self, seconds: float, calls_per_second: float | None) -> bool:
        """Say whether enough was seen of the model, for the first time."""
        if self._has_judged or not self.may_restart or self._answered < _PROBE_IMAGES:
            return False
        return calls_per_second is not None or seconds >= _PROBE_SECONDS


def begin_pace(images: int, run: Run, before: Pacer | None) -> Pacer:
    """Return what measures from now on; the deadline is kept over a restart."""
    now = run.services.clock.now()
    if before is not None:
        return Pacer(run, images, now, before.deadline_at, may_restart=False)
    deadline_at = now + timedelta(seconds=_deadline(run))
    chosen = run.config.inference.inference_units == "auto"
    return Pacer(run, images, now, deadline_at, may_restart=chosen)


def _deadline(run: Run) -> float:
    return (run.config.inference.deadline_minutes or 0.0) * _SECONDS_PER_MINUTE


def _restart_seconds(armed: ArmedModel) -> float:
    """Return what a restart takes: a start takes as long as the last one, a stop about as long."""
    if armed.asked_at is None or armed.running_since is None:
        return 0.0
    return 2 * (armed.running_since - armed.asked_at).total_seconds()
