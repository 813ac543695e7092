"""What the journaled steps are given and what they make."""

from dataclasses import dataclass
from datetime import datetime

from rcl_flow.aws.s3 import S3Location
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.naming import digest_of
from rcl_flow.core.values import Frozen


@dataclass(frozen=True, slots=True)
class UploadWanted:
    """Images and manifests that have to be in S3."""

    project: str
    bucket: str
    prefix: str
    kms_key_id: str | None
    train: Dataset
    test: Dataset

    @property
    def digest(self) -> str:
        """The digest of place and content."""
        return digest_of(
            [
                *(self.project, self.bucket, self.prefix, self.kms_key_id or ""),
                *(self.train.digest, self.test.digest),
            ]
        )


class UploadedManifest(Frozen):
    """A manifest in S3."""

    key: str
    content_digest: str
    """SHA-256 of the manifest's bytes."""
    images: int


class UploadedManifests(Frozen):
    """Both manifests, whose images are in S3 too."""

    bucket: str
    train: UploadedManifest
    test: UploadedManifest
    images_sent: int
    images_present: int

    @property
    def summary(self) -> str:
        """How many images were sent."""
        return f"{self.images_sent} images sent, {self.images_present} there already"


@dataclass(frozen=True, slots=True)
class ProjectWanted:
    """A project that has to exist."""

    name: str
    tags: dict[str, str]

    @property
    def digest(self) -> str:
        """The digest of the name; tags are set only when the project is made."""
        return digest_of(["project", self.name])


class Project(Frozen):
    """A project that exists."""

    arn: str
    name: str

    @property
    def summary(self) -> str:
        """Its name."""
        return self.name


@dataclass(frozen=True, slots=True)
class DatasetsWanted:
    """The two datasets that the project has to have."""

    project: Project
    manifests: UploadedManifests
    tags: dict[str, str]

    @property
    def content_digest(self) -> str:
        """The digest of both manifests."""
        manifests = self.manifests
        return digest_of([manifests.train.content_digest, manifests.test.content_digest])

    @property
    def digest(self) -> str:
        """The digest of project and manifests."""
        return digest_of([self.project.arn, self.content_digest])


class ProjectDatasets(Frozen):
    """A project with the datasets made from the manifests."""

    project: Project
    train_arn: str
    test_arn: str
    train_images: int
    test_images: int

    @property
    def summary(self) -> str:
        """How many images each has."""
        return f"train {self.train_images}, test {self.test_images} images"


@dataclass(frozen=True, slots=True)
class TrainingWanted:
    """A training on a project's datasets."""

    project_arn: str
    content_digest: str
    """Of everything that decides what is trained; the version's name holds it."""
    output: S3Location
    kms_key_id: str | None
    tags: dict[str, str]
    retry_failed: bool

    @property
    def digest(self) -> str:
        """The digest of content and project."""
        return digest_of([self.content_digest, self.project_arn])


class AskedTraining(Frozen):
    """A project version that exists; it may train still."""

    project_arn: str
    version_name: str
    version_arn: str
    created_at: datetime

    @property
    def digest(self) -> str:
        """The digest of the version."""
        return digest_of([self.version_arn])

    @property
    def summary(self) -> str:
        """The version's name."""
        return self.version_name


class TrainedVersion(Frozen):
    """A project version that has a model and was evaluated."""

    project_arn: str
    version_name: str
    version_arn: str
    training_seconds_billed: int
    trained_here: bool
    """False for an existing model that is only judged."""
    summary_file: S3Location
    test_snapshot: S3Location

    @property
    def digest(self) -> str:
        """The digest of the version."""
        return digest_of([self.version_arn])

    @property
    def summary(self) -> str:
        """The version's name and billed time."""
        return f"{self.version_name}, {self.training_seconds_billed} s billed"
