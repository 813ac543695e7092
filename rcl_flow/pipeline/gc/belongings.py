"""What a run has made on AWS and no other run uses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rcl_flow.aws.descriptions import (
    DATASET_DELETING,
    DatasetReference,
    ProjectDescription,
    VersionDescription,
)
from rcl_flow.aws.errors import Failure, classify
from rcl_flow.aws.s3 import S3Location, parse_s3_uri
from rcl_flow.core.datasets.manifest import parse_manifest
from rcl_flow.core.naming import (
    CONTENT_TAG,
    MANAGED_TAG,
    holdout_prefix,
    images_prefix,
    manifests_prefix,
    output_prefix,
)
from rcl_flow.core.values import Frozen
from rcl_flow.errors import AwsRefusedError
from rcl_flow.pipeline.predicting.kept_predictions import predictions_path, read_predictions
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.records import Created, RunRecord, created_key, list_runs, read_record

_DIGITS_IN_KEY = 16
_DELETING = "DELETING"
_FAILED_TO_BE_MADE = frozenset({"TRAINING_FAILED", "COPYING_FAILED"})
_CONTENT_NAME = re.compile(r"([0-9a-f]{2})/\1[0-9a-f]{62}\.(?:jpg|png)")
"""What `naming.image_key` puts behind the prefix of the images."""


class OutputFiles(Frozen):
    """The service's files of a version: kept, since the deleted version names them no more."""

    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a run has made and nobody else uses; each part may be gone already."""

    run_id: str
    created: Created
    heir: str = ""
    """A run that uses the same version, and so gets all of this; nothing is removed then."""
    version_goes: bool = True
    """Whether the run's version is removed, or is gone already."""
    versions: tuple[VersionDescription, ...] = ()
    """The run's, and failed trainings on the same data or copies of the same version."""
    datasets: tuple[DatasetReference, ...] = ()
    project: ProjectDescription | None = None
    """Set when it will be empty without this run."""
    images: tuple[str, ...] = ()
    """S3 keys, as those that follow."""
    holdout_images: tuple[str, ...] = ()
    output_files: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """What stays, and why; one sentence each."""


def collecting_key(run_id: str) -> str:
    """Return the key of what is remembered while a run's belongings are removed."""
    return f"collecting/{run_id}"


def find_belongings(record: RunRecord, services: Services) -> Belongings:
    """Return what a run has made, by the store and by what AWS says now; changes nothing.

    Raises:
        StoreError: what another run has made cannot be read, so nothing can be called unshared.
    """
    created = read_record(services.store, created_key(record.run_id), Created) or Created()
    others = _made_by_others(record, services)
    heir = _heir(record, created, others, services)
    if heir:
        reason = f"The version and its data are used by run {heir} too: it gets them."
        return Belongings(record.run_id, created, heir=heir, version_goes=False, kept=(reason,))
    return _Search(record, created, tuple(others.values()), services).belongings()


def _made_by_others(record: RunRecord, services: Services) -> dict[str, Created]:
    found: dict[str, Created] = {}
    for key, _ in services.store.below(created_key("")):
        run_id = key.removeprefix(created_key(""))
        made = read_record(services.store, key, Created)
        if run_id != record.run_id and made is not None:
            found[run_id] = made
    return found


def _heir(
    record: RunRecord, created: Created, others: dict[str, Created], services: Services
) -> str:
    arn = created.project_version_arn
    using = [run_id for run_id, made in others.items() if made.project_version_arn == arn]
    using += [
        run.run_id
        for run in list_runs(services.store)
        if run.run_id != record.run_id and run.project_version_arn == arn
    ]
    return max(using) if arn and using else ""


@dataclass(slots=True)
class _Search:
    record: RunRecord
    created: Created
    others: tuple[Created, ...]
    services: Services

    def belongings(self) -> Belongings:
        project = self._find_project()
        in_project = self._versions_in(project)
        versions, foreign = self._own_versions(in_project)
        datasets = self._datasets(project)
        rest = [one.arn for one in in_project if one not in versions and one.status != _DELETING]
        rest += [one.arn for one in project.datasets if one not in datasets] if project else []
        why = self._why_project_stays(project, rest)
        manifests = self._manifests()
        return Belongings(
            run_id=self.record.run_id,
            created=self.created,
            version_goes=not foreign,
            versions=versions,
            datasets=datasets,
            project=None if why else project,
            images=self._images(manifests),
            holdout_images=() if foreign else self._holdout_images(),
            output_files=() if foreign else self._output_files(versions),
            manifests=manifests,
            kept=tuple(sentence for sentence in (foreign, why) if sentence),
        )

    def _versions_in(self, project: ProjectDescription | None) -> tuple[VersionDescription, ...]:
        if project is None or project.status == _DELETING:  # only an empty one is deleted
            return ()
        return tuple(self.services.rekognition.versions(project.arn))

    def _own_versions(
        self, in_project: tuple[VersionDescription, ...]
    ) -> tuple[tuple[VersionDescription, ...], str]:
        """Return the run's versions that are still there, or why they are none of ours."""
        arn = self.created.project_version_arn
        base = "-".join(arn.split("/")[3].split("-")[:2]) if arn else ""
        if any(one.arn == arn for one in in_project) and not self._was_asked_for_here(arn):
            return (), f"{arn} was trained by another workspace, and only used by this run."
        found = tuple(
            one for one in in_project if one.arn == arn or (base and _is_failed_attempt(one, base))
        )
        for one in found:
            if one.status != _DELETING and not self._is_managed(one.arn):
                return (), f"{one.arn} has no tag {MANAGED_TAG}: it was not made by rcl-flow."
        return found, ""

    def _was_asked_for_here(self, arn: str) -> bool:
        """Say whether a run of this store has asked for the training, rather than found it.

        The ledger does not tell: a training that was found is entered too.
        """
        asked = f"trainings/{self.record.backend.identity}/{self.record.project}/"
        return any(document == arn.encode() for _, document in self.services.store.below(asked))

    def _is_managed(self, arn: str) -> bool:
        return MANAGED_TAG in self.services.rekognition.tags_of(arn)

    def _find_project(self) -> ProjectDescription | None:
        arn = self.created.project_arn
        found = self.services.rekognition.find_project(arn.split("/")[1]) if arn else None
        return found if found and found.arn == arn else None

    def _datasets(self, project: ProjectDescription | None) -> tuple[DatasetReference, ...]:
        shared = {arn for other in self.others for arn in other.dataset_arns}
        mine = set(self.created.dataset_arns) - shared
        found = project.datasets if project else ()
        return tuple(each for each in found if each.arn in mine and self._is_ours(each))

    def _is_ours(self, dataset: DatasetReference) -> bool:
        """Say whether a dataset has the content of the run's manifests, whose keys hold it."""
        if dataset.status in DATASET_DELETING:
            return True
        tags = self.services.rekognition.tags_of(dataset.arn)
        end = f"-{tags.get(CONTENT_TAG, '')[:_DIGITS_IN_KEY]}.manifest"
        return MANAGED_TAG in tags and any(key.endswith(end) for key in self.created.manifest_keys)

    def _why_project_stays(self, project: ProjectDescription | None, rest: list[str]) -> str:
        """Return why the project is not removed; empty when it is, or is gone or going."""
        if project is None or project.status == _DELETING:
            return ""
        users = sum(other.project_arn == project.arn for other in self.others)
        if users:
            return f"The project {project.arn} is used by {users} other run(s)."
        if rest:
            return f"The project {project.arn} has more in it: {rest[0]}."
        if not self._is_managed(project.arn):
            return f"The project {project.arn} was not made by rcl-flow."
        return ""

    def _manifests(self) -> tuple[str, ...]:
        shared = {key for other in self.others for key in other.manifest_keys}
        return tuple(key for key in dict.fromkeys(self.created.manifest_keys) if key not in shared)

    def _images(self, manifests: tuple[str, ...]) -> tuple[str, ...]:
        """Return the uploaded images that only the run's own manifests name.

        Every other manifest in the bucket counts, whichever workspace has put it there.
        """
        bucket, prefix = self.created.bucket, self.created.prefix
        if not bucket:
            return ()
        mine = {key for manifest in manifests for key in self._named_in(manifest)}
        present = self.services.s3.sizes(bucket, manifests_prefix(prefix)) if mine else {}
        for other in set(present) - set(manifests):
            mine.difference_update(self._named_in(other))
        return tuple(sorted(key for key in mine if _is_uploaded(key, images_prefix(prefix))))

    def _named_in(self, manifest: str) -> Iterator[str]:
        bucket = self.created.bucket
        try:
            content = self.services.s3.get(S3Location(bucket, manifest))
        except AwsRefusedError as error:
            if classify(error) is not Failure.NOT_FOUND:
                raise
            return
        for line in parse_manifest(content):
            place = parse_s3_uri(line.source_ref)
            if place is not None and place.bucket == bucket:
                yield place.key

    def _holdout_images(self) -> tuple[str, ...]:
        """Return the large holdout images that were put into the bucket for this version alone."""
        arn, bucket = self.created.project_version_arn, self.created.bucket
        if not arn or not bucket:
            return ()
        own = predictions_path(self.services.workspace, arn)
        asked = set(read_predictions(own))
        for other in own.parent.glob("*.jsonl"):
            if other != own:
                asked -= set(read_predictions(other))
        prefix = holdout_prefix(self.created.prefix)
        stored = self.services.s3.sizes(bucket, prefix) if asked else {}
        return tuple(key for key in stored if key[len(prefix) :].partition(".")[0] in asked)

    def _output_files(self, versions: tuple[VersionDescription, ...]) -> tuple[str, ...]:
        """Return the service's files: those that the descriptions name, and those named alike."""
        created, run_id = self.created, self.record.run_id
        if not created.bucket or not created.project_version_arn:
            return ()
        remembered = read_record(self.services.store, collecting_key(run_id), OutputFiles)
        keys = set(remembered.keys if remembered else ())
        _, project, _, name, _ = created.project_version_arn.split("/")
        prefix = f"{output_prefix(created.prefix, project)}/"
        listed = self.services.s3.sizes(created.bucket, prefix)
        for each in {name, *(version.name for version in versions)}:
            keys |= {key for key in listed if key.endswith(f"-{project}-{each}.json")}
        for version in versions:
            keys |= {place.key for place in _places(version) if place.bucket == created.bucket}
        return tuple(sorted(key for key in keys if key.startswith(prefix)))


def _is_uploaded(key: str, prefix: str) -> bool:
    """Say whether an upload has made that key; a person's own images may lie below the prefix."""
    return key.startswith(prefix) and _CONTENT_NAME.fullmatch(key[len(prefix) :]) is not None


def _is_failed_attempt(version: VersionDescription, base: str) -> bool:
    """Say whether it is a training on the same data, or a copy of the same version, that failed."""
    alike = version.name == base or version.name.startswith(f"{base}-")
    return alike and version.status in _FAILED_TO_BE_MADE


def _places(version: VersionDescription) -> Iterator[S3Location]:
    places = (
        version.summary,
        version.test_snapshot,
        version.manifest_summary,
        version.train_validation,
        version.test_validation,
    )
    yield from (place for place in places if place is not None)
