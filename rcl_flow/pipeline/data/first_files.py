"""Write what `init` proposes: splits' manifests, the schema for editors, and the config at last."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from rcl_flow.config import ImageSource, parse_config
from rcl_flow.config.published import SCHEMA_LINE, SCHEMA_NAME, schema_text
from rcl_flow.config.schema import BucketName, Name, RegionName
from rcl_flow.core.datasets.dataset import Dataset, Split
from rcl_flow.core.dividing.split import SPLITS
from rcl_flow.core.proposing.first_config import FirstSet, FirstSettings, first_config
from rcl_flow.core.proposing.proposal import SetCounts
from rcl_flow.errors import ConfigError
from rcl_flow.files import write_text
from rcl_flow.formats.layout import FoundSet, Layout
from rcl_flow.formats.places import is_s3, printable
from rcl_flow.pipeline.data.local_manifests import write_local_manifest
from rcl_flow.pipeline.data.splitting import PLAN_NAME, SplitMade

CONFIG_NAME: Final = "rcl-flow.yaml"
SPLITS_FOLDER: Final = "splits"
_USABLE_FOLDER: Final = "usable"
"""In the folder of splits: manifests of given sets in which some files cannot be used."""
_UP: Final = "../"


@dataclass(frozen=True, slots=True)
class FirstFiles:
    """Where what is written, from which sets."""

    folder: Path
    settings: FirstSettings
    layout: Layout
    made: SplitMade | None
    """What was drawn from the layout's `train`; None where all sets were given."""
    kept: tuple[Path, ...] = ()
    """Files that stay as they are."""

    def drawn(self, split: Split) -> bool:
        """Say whether a set was drawn."""
        return self.made is not None and split in self.made.images


def check_settings(settings: FirstSettings) -> None:
    """Refuse values that no config can have, before images are read.

    Raises:
        ConfigError: naming the option.
    """
    texts: tuple[tuple[str, Any, str | None], ...] = (
        ("--project", Name, settings.project),
        ("--region", RegionName, settings.region),
        ("--bucket", BucketName | None, settings.bucket),
    )
    for flag, form, text in texts:
        try:
            TypeAdapter(form).validate_python(text)
        except ValidationError as error:
            problem = error.errors()[0]["msg"]
            raise ConfigError(
                f"{flag} {text!r} cannot be used: {problem[:1].lower()}{problem[1:]}.",
                hint=f"Give another one with {flag}.",
            ) from error
    if settings.backend == "aws" and settings.bucket is None:
        raise ConfigError(
            "A config with `backend: aws` needs a bucket.",
            hint="Give it with --bucket; leave --backend out to try everything on the emulator.",
        )


def require_free(folder: Path, *, force: bool) -> None:
    """Refuse to replace a config, a schema or splits that are there.

    Raises:
        ConfigError: naming the first.
    """
    if folder.exists() and not folder.is_dir():
        raise ConfigError(
            f"{folder} is a file.", hint="DIR is a folder for the config; --from names the images."
        )
    splits = folder / SPLITS_FOLDER
    manifests = (f"{split}.manifest" for split in SPLITS)
    own = (folder / CONFIG_NAME, *(splits / name for name in (PLAN_NAME, *manifests)))
    taken = next((path for path in own if path.exists()), None)
    if taken is not None and not force:
        raise ConfigError(
            f"There is a {taken} already.",
            hint="Give --update to read the images again and keep the config, --force to write "
            "the config anew, or another DIR. Splits that are there stand with both, and only new "
            "images are drawn.",
        )


def kept_files(folder: Path) -> tuple[Path, ...]:
    """Return the config that is there, for a proposal that leaves it alone."""
    config = folder / CONFIG_NAME
    return (config,) if config.exists() else ()


def source_of(found: FoundSet, columns: str | None = None) -> ImageSource:
    """Return a set as a config names it.

    Raises:
        ConfigError: its path is no text.
    """
    for place in filter(None, (found.uri, found.images)):
        if printable(place) != place:
            raise ConfigError(
                f"The path {printable(place)} is not in UTF-8, as a config is.",
                hint="Rename the folder, or give one in which it lies under another name.",
            )
    return ImageSource.model_validate(
        {
            found.kind.replace("-", "_"): found.uri,
            "images": found.images,
            "split": found.split,
            "columns": columns if found.kind == "csv" else None,
        }
    )


def write_first_files(
    first: FirstFiles,
    datasets: Mapping[Split, Dataset],
    counts: Mapping[Split, SetCounts],
    columns: str | None,
) -> tuple[Path, ...]:
    """Write manifests of given sets where files of them cannot be used, the schema, the config.

    Args:
        first: where what is written.
        datasets: the sets as they were found.
        counts: of train, test and holdout.
        columns: what the columns of a CSV file mean.

    Returns:
        All files of the proposal, the config first, also where it was kept.

    Raises:
        LocalFilesError: a file cannot be written.
    """
    config, schema = first.folder / CONFIG_NAME, first.folder / SCHEMA_NAME
    cleaned = {
        split: first.folder / SPLITS_FOLDER / _USABLE_FOLDER / f"{split}.manifest"
        for split, dataset in datasets.items()
        if dataset.unusable and not first.drawn(split)
    }
    sets = {
        split: FirstSet(
            _section(split, first, cleaned, columns), counts[split].images, _origin(split, first)
        )
        for split in SPLITS
    }
    text = first_config(first.settings, sets, SCHEMA_LINE)
    parse_config(text, file_name=str(config), environment={})  # before anything is replaced
    for split, path in cleaned.items():
        write_local_manifest(path, datasets[split].images)
    write_text(schema, schema_text())
    if config not in first.kept:
        write_text(config, text)
    drawn = map(Path, (first.made.plan_file, *first.made.manifests.values()) if first.made else ())
    return (config, schema, *drawn, *cleaned.values())


def _section(
    split: Split, first: FirstFiles, cleaned: Mapping[Split, Path], columns: str | None
) -> dict[str, str]:
    if first.drawn(split):
        return {"manifest": f"{SPLITS_FOLDER}/{split}.manifest"}
    if split in cleaned:
        return {"manifest": cleaned[split].relative_to(first.folder).as_posix()}
    source = source_of(first.layout.sets[split], columns)
    paths = (source.kind.replace("-", "_"), "images")
    return {
        name: relative_to(first.folder, text) if name in paths else text
        for name, text in source.model_dump(exclude_none=True).items()
    }


def _origin(split: Split, first: FirstFiles) -> str:
    found = first.layout.sets["train" if first.drawn(split) else split]
    return f"{'drawn from' if first.drawn(split) else 'of'} {found.uri} ({found.kind})"


def relative_to(folder: Path, uri: str) -> str:
    """Return a path as it is written in a config in `folder`: relative where that is near."""
    if is_s3(uri):
        return uri
    path = Path(uri)
    there = path.parent.resolve() / path.name
    relative = posixpath.relpath(there.as_posix(), folder.resolve().as_posix())
    return there.as_posix() if relative.startswith(_UP * 3) else relative
