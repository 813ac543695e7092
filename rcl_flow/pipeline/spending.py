"""What a run has spent so far, over all its attempts, by the ledger."""

from rcl_flow.core.budget import Spent
from rcl_flow.pipeline.ledger import entries_of
from rcl_flow.pipeline.run import Run


def spent_by(run: Run) -> Spent:
    """Return what the ledger holds of a run."""
    services = run.services
    entries = [
        entry
        for entry in entries_of(services.store, services.backend.identity, run.config.project)
        if entry.run_id == run.run_id
    ]
    ran = [entry for entry in entries if entry.kind == "inference"]
    return Spent(
        training_seconds=sum(entry.seconds for entry in entries if entry.kind == "training"),
        inference_seconds=sum(entry.seconds for entry in ran),
        inference_unit_seconds=sum(entry.seconds * entry.inference_units for entry in ran),
    )
