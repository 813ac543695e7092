"""Remove what a run has made, in an order in which every interruption can be gone on from."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rcl_flow.aws.descriptions import BILLING, DATASET_DELETING, TRAINING
from rcl_flow.aws.waiting import Pace, wait_while
from rcl_flow.core.naming import RUN_TAG, digest_of
from rcl_flow.errors import AwsRefusedError, LeaseLostError, RunHeldError
from rcl_flow.files import remove_file, remove_tree
from rcl_flow.pipeline.gc.belongings import (
    Belongings,
    OutputFiles,
    collecting_key,
    find_belongings,
)
from rcl_flow.pipeline.predicting.kept_predictions import predictions_path
from rcl_flow.pipeline.predicting.kept_refusals import refusals_path
from rcl_flow.pipeline.predicting.known_rates import rates_prefix
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.waking import WakingClock
from rcl_flow.pipeline.serving.reaping import remove_schedule
from rcl_flow.pipeline.serving.stopping import stop_and_confirm
from rcl_flow.pipeline.state.lease import HeldLease, Lease, acquire_lease, claim, holder_of
from rcl_flow.pipeline.state.records import (
    ArmedModel,
    Created,
    RunRecord,
    armed_key,
    created_key,
    input_key,
    list_armed,
    read_record,
    run_folder,
    run_key,
    unknown_model,
    write_record,
)
from rcl_flow.pipeline.state.store import StateStore

_LEASE_SECONDS = 900.0
_PACE = Pace(every_seconds=5.0, timeout_seconds=1800.0)
_PRESENT = frozenset({"PRESENT"})
_KINDS_OF_RUN = ("announced", "tracked", "files", "shards", "shard-results", "shard-rounds")
"""What documents of a run lie below, each in a folder of its id."""


@dataclass(frozen=True, slots=True)
class _Presence:
    """Whether something is still there, as a status."""

    status: str


def collect(
    record: RunRecord, services: Services, tell: Callable[[str], None] = lambda _line: None
) -> Belongings:
    """Remove all that a run has made and nobody else uses; repeat it after an interruption.

    Args:
        record: the run.
        services: of the run's backend.
        tell: is told of each thing that is removed.

    Returns:
        What was found at the start.

    Raises:
        RunHeldError: another run holds the project, or somebody else runs the model.
        ModelNotStoppedError: the model could not be confirmed as stopped; nothing was removed.
        AwsRefusedError: something cannot be removed, such as a version that trains.
    """
    with _lease(record, services) as lease:
        found = find_belongings(record, services)
        collection = _Collection(found, services, lease, tell)
        collection.stop_armed()
        if found.heir:
            _hand_over(found, services)
        else:
            collection.remove_from_aws()
    forget(record, services.store, services.workspace, found)
    return found


def forget(record: RunRecord, store: StateStore, workspace: Path, found: Belongings | None) -> None:
    """Remove a run's folder and documents, its record last; the ledger stays.

    Args:
        record: the run.
        store: where the documents are.
        workspace: where the folder is.
        found: None when the backend is gone, and with it all that was made there.
    """
    arn = found.created.project_version_arn if found else record.project_version_arn
    if arn and (found is None or found.version_goes):
        predictions = predictions_path(workspace, arn)
        for key in _documents_of_version(record, arn, store, predictions.stem):
            store.delete(key)
        remove_file(predictions)
        remove_file(refusals_path(workspace, arn))
    remove_tree(run_folder(workspace, record.run_id))
    named = store.get(input_key(record.input_digest))
    if named is not None and named.document == record.run_id.encode():
        store.delete(input_key(record.input_digest))
    for key in _documents_of_run(record.run_id, store):
        store.delete(key)
    store.delete(created_key(record.run_id))
    store.delete(collecting_key(record.run_id))
    store.delete(run_key(record.run_id))


def _documents_of_run(run_id: str, store: StateStore) -> Iterator[str]:
    """Yield the keys of what a run has shared, told and handed out."""
    for kind in _KINDS_OF_RUN:
        for key, _ in store.below(f"{kind}/{run_id}/"):
            yield key


def _documents_of_version(
    record: RunRecord, arn: str, store: StateStore, predictions: str
) -> Iterator[str]:
    """Yield the keys of what was journaled of a version, so that it can be trained anew."""
    identity = record.backend.identity
    yield armed_key(arn)
    yield f"trained-on/{identity}/{arn}"
    for key, _ in store.below(f"steps/{identity}/"):
        if key.endswith(f"/{digest_of([arn])}"):
            yield key
    for key, document in store.below(f"trainings/{identity}/{record.project}/"):
        if document == arn.encode():
            yield key
    for prefix in (f"predictions/{predictions}/", rates_prefix(arn, identity)):
        yield from (key for key, _ in store.below(prefix))


def _hand_over(found: Belongings, services: Services) -> None:
    """Let the run that uses the same version have what this one has made."""
    key, mine = created_key(found.heir), found.created
    theirs = read_record(services.store, key, Created) or Created()
    write_record(
        services.store,
        key,
        Created(
            bucket=theirs.bucket or mine.bucket,
            prefix=theirs.prefix or mine.prefix,
            manifest_keys=tuple(dict.fromkeys(theirs.manifest_keys + mine.manifest_keys)),
            project_arn=theirs.project_arn or mine.project_arn,
            dataset_arns=tuple(dict.fromkeys(theirs.dataset_arns + mine.dataset_arns)),
            project_version_arn=theirs.project_version_arn or mine.project_version_arn,
        ),
    )


@contextmanager
def _lease(record: RunRecord, services: Services) -> Iterator[Lease]:
    wanted = claim(record.project, record.run_id, services.holder, _LEASE_SECONDS)
    identity = services.backend.identity
    before = holder_of(services.store, identity, record.project, services.holder)
    lease = acquire_lease(wanted, identity, services.store, services.clock)
    try:
        yield lease
    except BaseException:
        _give_back(lease, before)
        raise
    lease.release()


def _give_back(lease: Lease, before: HeldLease | None) -> None:
    """Leave the lease as it was: a run that pauses between two ticks still has the project."""
    if before is None:
        lease.release()
        return
    with suppress(LeaseLostError):
        lease.pause(before.left_seconds / 2)  # a pause lasts twice as long as it is told


@dataclass(slots=True)
class _Collection:
    found: Belongings
    services: Services
    lease: Lease
    tell: Callable[[str], None]

    def stop_armed(self) -> None:
        """Stop every model that the run has started, whoever has made it."""
        for armed in list_armed(self.services.store):
            if armed.run_id == self.found.run_id:
                self._stop_model(armed)

    def remove_from_aws(self) -> None:
        """Stop the model, then remove version, datasets, project and objects."""
        self._stop()
        self._remember_output_files()
        self._remove_versions()
        self._remove_datasets()
        self._remove_project()
        found = self.found
        self._remove_objects("holdout images", found.holdout_images)
        self._remove_objects("output files", found.output_files)
        self._remove_objects("images", found.images)
        self._remove_objects("manifests", found.manifests)  # last: they name the images

    def _stop(self) -> None:
        """Stop what runs, and refuse what trains, before anything is removed."""
        for version in self.found.versions:
            if version.status in TRAINING:
                raise AwsRefusedError(
                    f"The version {version.arn} is being trained, which cannot be broken off.",
                    hint="Run the same command again when the training has ended.",
                    operation="DeleteProjectVersion",
                    code="ResourceInUseException",
                )
            now = self.services.rekognition.find_version_by_arn(version.arn)
            if now is not None and now.status in BILLING:
                self._stop_model(self._armed(version.arn))
            remove_schedule(version.arn, "default", self.services)

    def _stop_model(self, armed: ArmedModel) -> None:
        self.lease.confirm()
        with self.services.guard.deferred():
            status = stop_and_confirm(armed, self.services, self._pace())
        self.tell(f"{status}  {armed.project_version_arn}")

    def _armed(self, arn: str) -> ArmedModel:
        """Return the record of a model that may be stopped: one that was started from here."""
        services = self.services
        armed = read_record(services.store, armed_key(arn), ArmedModel)
        if armed is not None:
            return armed
        if services.rekognition.tags_of(arn).get(RUN_TAG) != self.found.run_id:
            raise RunHeldError(
                f"The model {arn} is running and was not started from here. Nothing was changed.",
                hint=f"If nobody needs it: rcl-flow stop {arn}, then the same command again.",
            )
        now = services.clock.now()
        return unknown_model(arn, services.backend, now, watched_until=now)

    def _remember_output_files(self) -> None:
        if self.found.output_files:
            files = OutputFiles(keys=self.found.output_files)
            write_record(self.services.store, collecting_key(self.found.run_id), files)

    def _remove_versions(self) -> None:
        rekognition = self.services.rekognition
        for version in self.found.versions:
            self.lease.confirm()
            if version.status != "DELETING":
                rekognition.delete_version(version.arn)
            self._until_gone(partial(rekognition.find_version_by_arn, version.arn))
            self.tell(f"removed  {version.arn}")

    def _remove_datasets(self) -> None:
        for dataset in self.found.datasets:
            self.lease.confirm()
            if dataset.status not in DATASET_DELETING:
                self.services.rekognition.delete_dataset(dataset.arn)
        for dataset in self.found.datasets:
            self._until_gone(partial(self._find_dataset, dataset.arn))
            self.tell(f"removed  {dataset.arn}")

    def _find_dataset(self, arn: str) -> object | None:
        project = self.services.rekognition.find_project(arn.split("/")[1])
        found = project.datasets if project else ()
        return next((each for each in found if each.arn == arn), None)

    def _remove_project(self) -> None:
        project = self.found.project
        if project is not None:
            name = project.arn.split("/")[1]
            self.lease.confirm()
            if project.status != "DELETING":
                self.services.rekognition.delete_project(project.arn)
            self._until_gone(lambda: self.services.rekognition.find_project(name))
            self.tell(f"removed  {project.arn}")

    def _remove_objects(self, what: str, keys: tuple[str, ...]) -> None:
        bucket = self.found.created.bucket
        if bucket and keys:
            self.lease.confirm()
            self.services.s3.delete_many(bucket, keys)
            self.tell(f"removed  {len(keys)} {what} from s3://{bucket}")

    def _until_gone(self, find: Callable[[], object | None]) -> None:
        wait_while(
            lambda: _Presence("GONE" if find() is None else "PRESENT"),
            _PRESENT,
            clock=WakingClock(self.services.clock, self._beat, _LEASE_SECONDS / 4),
            pace=self._pace(),
        )

    def _beat(self) -> None:
        self.lease.beat()

    def _pace(self) -> Pace:
        every = self.services.every_seconds(_PACE.every_seconds)
        return Pace(every, _PACE.timeout_seconds)
