"""Put images and manifests into S3, sending only what is not there."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rcl_flow.aws.s3 import S3, S3Location, parse_s3_uri
from rcl_flow.config import FlowConfig, StorageConfig, TrainingConfig
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage
from rcl_flow.core.datasets.manifest import ManifestLine, format_manifest
from rcl_flow.core.naming import digest_of, image_key, images_prefix, manifest_key
from rcl_flow.errors import BucketNotFoundError
from rcl_flow.pipeline.data.linting import require_trainable
from rcl_flow.pipeline.images.reading import open_image
from rcl_flow.pipeline.runs.results import UploadedManifest, UploadedManifests, UploadWanted
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.sharding.executors import map_in_threads


def require_bucket(storage: StorageConfig, bucket: str, s3: S3, *, create: bool) -> None:
    """Make sure that the bucket can be used, before anything is created.

    Args:
        storage: the config's section, for its own wish to create the bucket.
        bucket: the bucket's name.
        s3: the gateway.
        create: whether to create it when missing and the config does not say.

    Raises:
        BucketNotFoundError: it is not there and must not be created.
    """
    if s3.bucket_exists(bucket):
        return
    if not storage.makes_bucket(create):
        raise BucketNotFoundError(
            f"There is no bucket {bucket}.",
            hint="Create it in the config's region, correct `storage.bucket`, or set "
            "`storage.create_bucket: true`.",
            operation="HeadBucket",
            code="404",
        )
    s3.create_bucket(bucket)


def upload_wanted(config: FlowConfig, train: Dataset, test: Dataset) -> UploadWanted:
    """Return what a training on the two datasets needs in S3."""
    storage = config.storage
    return UploadWanted(
        project=config.project,
        bucket=config.bucket,
        prefix=storage.prefix,
        kms_key_id=storage.kms_key_id,
        train=train,
        test=test,
    )


@dataclass(frozen=True, slots=True)
class ImagesToSend:
    """Images that are not in S3 yet, and how many are."""

    missing: tuple[DatasetImage, ...]
    present: int


def images_to_send(wanted: UploadWanted, present: Mapping[str, int]) -> ImagesToSend:
    """Return which local images of train and test are not in the bucket, whole.

    Args:
        wanted: what has to be there.
        present: the size in bytes of every object below the images' prefix, by key.
    """
    images = {
        image.sha256: image
        for dataset in (wanted.train, wanted.test)
        for image in dataset.distinct()
        if parse_s3_uri(image.uri) is None
    }
    missing = tuple(
        image for image in images.values() if present.get(_key(wanted, image)) != image.size_bytes
    )
    return ImagesToSend(missing, len(images) - len(missing))


def upload(wanted: UploadWanted, run: Run) -> UploadedManifests:
    """Upload the images of train and test that are not in the bucket, then both manifests.

    Raises:
        DatasetGateError: a training with the manifests would fail; nothing was sent.
    """
    s3 = run.services.s3
    manifests = [manifest_of(wanted, dataset) for dataset in (wanted.train, wanted.test)]
    require_trainable(manifests[0], manifests[1], run.services.backend.region)
    images = images_to_send(wanted, s3.sizes(wanted.bucket, images_prefix(wanted.prefix)))
    _send(images.missing, wanted, run)
    train = _put_manifest(wanted, wanted.train, manifests[0], s3)
    test = _put_manifest(wanted, wanted.test, manifests[1], s3)
    run.created(bucket=wanted.bucket, prefix=wanted.prefix, manifest_keys=(train.key, test.key))
    return UploadedManifests(
        bucket=wanted.bucket,
        train=train,
        test=test,
        images_sent=len(images.missing),
        images_present=images.present,
    )


def _send(images: Sequence[DatasetImage], wanted: UploadWanted, run: Run) -> None:
    s3 = run.services.s3

    def send(image: DatasetImage) -> None:
        location = S3Location(wanted.bucket, _key(wanted, image))
        content = open_image(image, s3)
        s3.put(location, content, kms_key_id=wanted.kms_key_id, sha256=image.sha256)

    most = min(run.config.storage.upload_concurrency, s3.most_puts_at_once)
    sent = map_in_threads(send, images, concurrency=most)
    for done, _ in enumerate(sent, start=1):
        run.log.items(done, len(images))
        run.beat()


def _put_manifest(
    wanted: UploadWanted, dataset: Dataset, content: bytes, s3: S3
) -> UploadedManifest:
    digest = hashlib.sha256(content).hexdigest()
    key = manifest_key(wanted.prefix, wanted.project, dataset.split, digest)
    s3.put(S3Location(wanted.bucket, key), content, kms_key_id=wanted.kms_key_id)
    return UploadedManifest(key=key, content_digest=digest, images=len(dataset.distinct()))


def manifest_of(wanted: UploadWanted, dataset: Dataset) -> bytes:
    """Return the manifest of a dataset as it stands, or will stand, in the bucket."""
    return format_manifest(
        ManifestLine(
            _source_ref(wanted, image),
            image.labels,
            image.boxes,
            image.width_pixels,
            image.height_pixels,
        )
        for image in dataset.distinct()
    )


def training_content(wanted: UploadWanted, training: TrainingConfig) -> str:
    """Return the digest of everything that decides what is trained: the version's name holds it.

    The second and further trainings on the same data have names of their own; the first is named
    as if there were no others.
    """
    manifests = [
        hashlib.sha256(manifest_of(wanted, dataset)).hexdigest()
        for dataset in (wanted.train, wanted.test)
    ]
    repeat = [training.repeat_index] if training.repeat_index > 1 else []
    return digest_of([*manifests, training.kms_key_id or "", *repeat])


def _source_ref(wanted: UploadWanted, image: DatasetImage) -> str:
    if parse_s3_uri(image.uri) is not None:
        return image.uri
    return S3Location(wanted.bucket, _key(wanted, image)).uri


def _key(wanted: UploadWanted, image: DatasetImage) -> str:
    return image_key(wanted.prefix, image.sha256, image.image_format)
