"""A model that is kept running on purpose, used by a run: it is left running afterwards."""

from dataclasses import dataclass
from datetime import datetime

from rcl_flow.errors import WatchdogNotArmedError
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.serving.watchdog import is_push_due, watch
from rcl_flow.pipeline.state.records import ArmedModel, armed_key, read_record, write_record


@dataclass(slots=True)
class BorrowedModel:
    """A kept model while a run uses it; what it costs is not the run's."""

    run: Run
    armed: ArmedModel

    def keep_watched(self) -> None:
        """Push the watchdog forward where the model's own end comes too soon for the run."""
        services, safety = self.run.services, self.run.config.safety
        if not is_push_due(self.armed, safety, services.clock.now()):
            return
        found = self._read()
        if found is None:
            return  # it was stopped by somebody: the next image shows
        self.armed = found
        if is_push_due(found, safety, services.clock.now()):
            watch(found, safety, services, self._keep)

    def require_budget(self) -> None:
        """Do nothing: the model runs anyway."""

    def stop_by(self) -> datetime | None:
        """Return None: what it costs is not the run's."""
        return None

    def count(self, images: int) -> None:
        """Count nothing."""

    def answered(self) -> ArmedModel:
        """Return what is known of the model."""
        return self.armed

    def give_back(self) -> ArmedModel | None:
        """Return the record of a model whose own end is over, to be stopped; else restore its end.

        It may have got another end meanwhile, or have been stopped.
        """
        found = self._read()
        if found is None or found.kept_until is None:
            return None
        services = self.run.services
        if found.kept_until <= services.clock.now():
            return found
        if found.watched_until != found.kept_until:
            try:
                watch(found, self.run.config.safety, services, self._keep, until=found.kept_until)
            except WatchdogNotArmedError as error:  # it ends a little later: no reason to fail
                self.run.log.notice(error.message)
        return None

    def _read(self) -> ArmedModel | None:
        key = armed_key(self.armed.project_version_arn)
        return read_record(self.run.services.store, key, ArmedModel)

    def _keep(self, armed: ArmedModel) -> None:
        self.armed = armed
        write_record(self.run.services.store, armed_key(armed.project_version_arn), armed)
