"""What a run and its project have spent so far, over all attempts, by the ledger."""

from collections.abc import Sequence

from rcl_flow.core.costs.budget import Spent
from rcl_flow.core.costs.estimate import PastInference
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.state.ledger import LedgerEntry, entries_of


def history_of(run: Run) -> tuple[LedgerEntry, ...]:
    """Return what the ledger holds of the run's project, oldest first."""
    services = run.services
    return entries_of(services.store, services.backend.identity, run.config.project)


def past_inferences(history: Sequence[LedgerEntry]) -> list[PastInference]:
    """Return the stretches of running in a ledger, oldest first."""
    return [
        PastInference(entry.seconds, entry.images, entry.inference_units)
        for entry in history
        if entry.kind == "inference"
    ]


def spent_by(run: Run) -> Spent:
    """Return what the ledger holds of a run."""
    return spent_in(history_of(run), run.run_id)


def spent_in(history: Sequence[LedgerEntry], run_id: str) -> Spent:
    """Return what a run has spent by its project's ledger."""
    entries = [entry for entry in history if entry.run_id == run_id]
    ran = [entry for entry in entries if entry.kind == "inference"]
    return Spent(
        training_seconds=sum(entry.seconds for entry in entries if entry.kind == "training"),
        inference_seconds=sum(entry.seconds for entry in ran),
        inference_unit_seconds=sum(entry.seconds * entry.inference_units for entry in ran),
    )
