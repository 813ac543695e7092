"""A model that a run has started: its watchdog, its budget, and how many images it has answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from rcl_flow.core.costs.budget import Spent, breach_of, inference_seconds_left
from rcl_flow.errors import BudgetExceededError
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.serving.watchdog import is_push_due, watch
from rcl_flow.pipeline.state.records import ArmedModel, armed_key, write_record


@dataclass(slots=True)
class ServedModel:
    """A model that runs, or is about to, for a run."""

    run: Run
    armed: ArmedModel
    spent_before: Spent
    """By this run, without what this model has used since it was armed."""
    images: int = 0
    """How many it has answered."""

    def keep_watched(self) -> None:
        """Push the watchdog forward when a third of its time is over, or the clock was set back."""
        if is_push_due(self.armed, self.run.config.safety, self.run.services.clock.now()):
            self.watch()

    def watch(self) -> None:
        """Set the watchdog, or push it forward."""
        watch(self.armed, self.run.config.safety, self.run.services, self.keep)

    def answered(self) -> ArmedModel:
        """Count an image that the model has answered, and return what is known of the model."""
        self.images += 1
        return self.armed

    def mark(self, name: Literal["asked_at", "running_since"]) -> None:
        """Keep that the start is asked for now, or that the model is seen to run."""
        if getattr(self.armed, name) is None:
            now = self.run.services.clock.now()
            self.keep(self.armed.model_copy(update={name: now}))

    def unmark(self) -> None:
        """Keep that the start was refused."""
        self.keep(self.armed.model_copy(update={"asked_at": None}))

    def keep(self, armed: ArmedModel) -> None:
        """Keep what is known of the model."""
        self.armed = armed
        write_record(self.run.services.store, armed_key(armed.project_version_arn), armed)

    def require_budget(self) -> None:
        """Refuse to go on when the budget is used up.

        Raises:
            BudgetExceededError: naming the limit.
        """
        require_budget(self._spent(), self.run)

    def stop_by(self) -> datetime | None:
        """Return when the budget will be used up, or None without one."""
        config = self.run.config
        seconds = inference_seconds_left(
            config.budget, self._spent(), self.armed.inference_units, config.prices
        )
        now = self.run.services.clock.now()
        return None if seconds is None else now + timedelta(seconds=seconds)

    def count(self, images: int) -> None:
        """Count images that others have asked the model for."""
        self.images += images

    def _spent(self) -> Spent:
        armed, before = self.armed, self.spent_before
        now = self.run.services.clock.now()
        seconds = (now - (armed.running_since or armed.asked_at or now)).total_seconds()
        return Spent(
            training_seconds=before.training_seconds,
            inference_seconds=before.inference_seconds + seconds,
            inference_unit_seconds=before.inference_unit_seconds + seconds * armed.inference_units,
        )


def about_to_start(version_arn: str, units: int, run: Run) -> ArmedModel:
    """Return the record of a model that a run is about to start, before anything is asked for."""
    return ArmedModel(
        project_version_arn=version_arn,
        run_id=run.run_id,
        backend=run.services.backend,
        inference_units=units,
        armed_at=run.services.clock.now(),
        usd_per_hour=units * run.config.prices.inference_unit_usd_per_hour,
    )


def require_budget(spent: Spent, run: Run) -> None:
    """Refuse to go on when `spent` has come to a limit of the run's budget.

    Raises:
        BudgetExceededError: naming the limit.
    """
    breach = breach_of(run.config.budget, spent, run.config.prices)
    if breach is not None:
        raise BudgetExceededError(
            f"The budget is used up: {breach}.",
            hint="What was predicted is kept. Raise the budget and run the same command again.",
        )
