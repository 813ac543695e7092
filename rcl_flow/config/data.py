"""The section about the images: where each set is."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from rcl_flow.core.source_kinds import SOURCE_KINDS, SourceKind
from rcl_flow.core.values import Section

PathText = Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[^\x00]*$")]


class ImageSource(Section):
    """Where the labelled images of one set are: exactly one format; paths may be s3:// URIs."""

    folder: PathText | None = Field(
        None, description="A folder with one sub-folder of images a label, or labels.csv in it."
    )
    manifest: PathText | None = Field(
        None,
        description="A manifest (JSON Lines), local or s3://; each line's source-ref is an "
        "s3:// URI or a path relative to the manifest.",
    )
    csv: PathText | None = Field(None, description="A CSV file of images and labels, or boxes.")
    coco: PathText | None = Field(None, description="A COCO file of boxes.")
    yolo: PathText | None = Field(None, description="YOLO's data.yaml, or its folder.")
    voc: PathText | None = Field(None, description="A folder of Pascal VOC's XML files.")
    label_studio: PathText | None = Field(None, description="Label Studio's JSON export.")
    cvat: PathText | None = Field(None, description="A CVAT for images 1.1 file.")
    images: PathText | None = Field(
        None, description="Where the images are, when not beside the annotations."
    )
    split: str | None = Field(
        None, description="The only split to read of a format that tells splits apart."
    )
    columns: str | None = Field(
        None, description="What the columns of a CSV file mean: image=file,label=class."
    )

    @property
    def kind(self) -> SourceKind:
        """The format that is given."""
        return next(kind for kind, _ in self._given())

    @property
    def uri(self) -> str:
        """The path or s3:// URI that is given for it."""
        return next(uri for _, uri in self._given())

    def _given(self) -> Iterator[tuple[SourceKind, str]]:
        for kind in SOURCE_KINDS:
            uri = getattr(self, kind.replace("-", "_"))
            if uri is not None:
                yield kind, uri

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(list(self._given())) != 1:
            kinds = ", ".join(kind.replace("-", "_") for kind in SOURCE_KINDS)
            raise ValueError(f"give exactly one of {kinds}")
        return self


class DataConfig(Section):
    """The three sets; `train` and `test` may be left out only when an existing model is judged."""

    description: str = Field(
        "", max_length=1000, description="What the images are; printed in the report."
    )
    train: ImageSource | None = Field(None, description="Images that the model is trained on.")
    test: ImageSource | None = Field(
        None, description="Images that the service evaluates the model on (real ones only)."
    )
    lineage: PathText | None = Field(
        None,
        description="lineage.json of `rcl-flow augment`, for copies that lost their mark.",
    )
    holdout: ImageSource = Field(
        description="500 to 1,000 labelled images that look like production, never uploaded "
        "for training."
    )
    arrivals: tuple[ImageSource, ...] = Field(
        (),
        max_length=1000,
        description="New labelled images since the first training, oldest first; they join train.",
    )
    production: PathText | None = Field(
        None,
        description="A folder or s3:// prefix of unlabelled images from production, to notice "
        "when they change.",
    )
