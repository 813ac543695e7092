"""Turn labelled images that lie somewhere into a config, with the sets that are missing drawn."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from rcl_flow.aws.s3 import S3, parse_s3_uri
from rcl_flow.config import DataConfig, FlowConfig, ImageSource, parse_config
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Split, Task
from rcl_flow.core.dividing.grouping import GroupRules
from rcl_flow.core.dividing.path_groups import PathGroups, find_path_groups
from rcl_flow.core.dividing.split import SPLITS, SplitPlan, SplitRules
from rcl_flow.core.proposing.first_config import FirstSettings
from rcl_flow.core.proposing.proposal import (
    USUAL_DEMANDS,
    Demands,
    Missing,
    SetCounts,
    count_set,
    out_of_reach,
    require_enough,
    split_rules_for,
    what_is_missing,
)
from rcl_flow.core.scoring.power import Expected, Power, holdout_power
from rcl_flow.errors import ConfigError, DataNotFoundError
from rcl_flow.formats.layout import Layout
from rcl_flow.formats.places import is_s3
from rcl_flow.pipeline.data.first_files import (
    SPLITS_FOLDER,
    FirstFiles,
    kept_files,
    source_of,
    write_first_files,
)
from rcl_flow.pipeline.data.splitting import PLAN_NAME, SplitMade, SplitWanted, make_split, root_of
from rcl_flow.pipeline.images.measuring import MeasureCache
from rcl_flow.pipeline.images.reading import read_datasets
from rcl_flow.report.figures import format_count


@dataclass(frozen=True, slots=True)
class InitWanted:
    """What is to be written, and what the user has decided."""

    folder: Path
    """Of the config and its splits."""
    settings: FirstSettings
    columns: str | None = None
    """What the columns of a CSV file mean."""
    holdout_images: int | None = None
    """None for what the images allow."""
    group_by: str | None = None
    """The pattern of groups in paths; None for what the paths tell, an empty text for none."""
    near_duplicate_bits: int | None = None
    """Images that differ in so few bits stay together; None for what the audit looks for."""
    redraw: bool = False
    """Draw splits again that are there; else they stand, and only new images are drawn."""
    keep_config: bool = False
    """Leave a config that is there as it is, whatever was changed in it."""


@dataclass(frozen=True, slots=True)
class Initialised:
    """What was seen, proposed and written."""

    layout: Layout
    datasets: Mapping[Split, Dataset]
    """The sets as they were found; `train` alone stands for undivided images."""
    task: Task
    counts: Mapping[Split, SetCounts]
    """Of train, test and holdout, as the config names them."""
    made: SplitMade | None
    """What was drawn; None where all sets were given."""
    groups: PathGroups | None
    """What the paths tell to belong together, where that was used."""
    unnamed_images: int
    """Files that are images, and that no annotation names which can be used."""
    power: Power
    missing: tuple[Missing, ...]
    files: tuple[Path, ...]
    """All that belongs to the proposal, the config first."""
    kept: tuple[Path, ...]
    """Those of them that were left as they were."""


def read_sets(
    layout: Layout, columns: str | None, s3: S3, measures: MeasureCache
) -> dict[Split, Dataset]:
    """Read and measure every image of the sets that were found; broken ones are unusable.

    Raises:
        RclFlowError: a source cannot be read.
        DataNotFoundError: a set has no image that can be used.
    """
    read: dict[Split, Dataset] = {}
    for split, found in layout.sets.items():
        config = DataConfig(holdout=source_of(found, columns))
        dataset = replace(read_datasets(config, s3, measures).holdout, split=split)
        if not dataset.images:
            first = next(iter(dataset.unusable), None)
            told = f"; the first one: {first.told}" if first else ""
            raise DataNotFoundError(
                f"None of the images of {found.uri} can be used{told}.",
                hint="The service takes PNG and JPEG files of 64 to 4096 pixels a side; --images "
                "says where the images of annotations are, --columns what a CSV's columns mean.",
            )
        read[split] = dataset
    return read


def initialise(
    wanted: InitWanted, layout: Layout, datasets: Mapping[Split, Dataset], measures: MeasureCache
) -> Initialised:
    """Draw what is missing, and write splits, schema and config.

    Args:
        wanted: where, and what the user has decided.
        layout: what was found.
        datasets: its images, by `read_sets`.
        measures: knows them.

    Raises:
        DataNotFoundError: there are too few images or labels.
        ConfigError: the splits that are there were drawn for other sets.
        LocalFilesError: a file cannot be written.
    """
    task = _task(datasets)
    undivided = {split: count_set(dataset.images) for split, dataset in datasets.items()}
    _require_enough(datasets, undivided, layout.place)
    source = source_of(layout.sets["train"], wanted.columns)
    groups = _groups(wanted, source, datasets["train"])
    rules = _rules(wanted, datasets, undivided["train"].images, groups)
    made = None
    if rules is not None:
        asked = SplitWanted(source, wanted.folder / SPLITS_FOLDER, rules, wanted.redraw)
        made = make_split(asked, datasets["train"], measures.known)
    first = FirstFiles(wanted.folder, _settings(wanted.settings, rules), layout, made)
    kept = kept_files(wanted.folder) if wanted.keep_config else ()
    config = _kept_config(kept)
    images = _divided(datasets, made)
    counts = {split: count_set(images[split]) for split in SPLITS}
    return Initialised(
        layout=layout,
        datasets=datasets,
        task=task,
        counts=counts,
        made=made,
        groups=groups if groups and rules and rules.groups.path_pattern == groups.pattern else None,
        unnamed_images=_unnamed(layout, datasets),
        power=_power(counts),
        missing=(
            *_unreached(config.backend if config else wanted.settings.backend, images),
            *what_is_missing(counts, rules, undivided["train"], _demands(config, kept)),
        ),
        files=write_first_files(replace(first, kept=kept), datasets, counts, wanted.columns),
        kept=kept,
    )


def _require_enough(
    datasets: Mapping[Split, Dataset], counts: Mapping[Split, SetCounts], place: str
) -> None:
    """Refuse too few images or labels; those that cannot be used may be the reason."""
    try:
        require_enough(counts, _task(datasets), place)
    except DataNotFoundError as error:
        unusable = [one for dataset in datasets.values() for one in dataset.unusable]
        if not unusable:
            raise
        raise DataNotFoundError(
            f"{error.message} {format_count(len(unusable), 'file')} cannot be used; the first one: "
            f"{unusable[0].told}.",
            hint=error.hint,
        ) from error


def _task(datasets: Mapping[Split, Dataset]) -> Task:
    boxed = any(dataset.task == "detection" for dataset in datasets.values())
    return "detection" if boxed else "classification"


def _groups(wanted: InitWanted, source: ImageSource, train: Dataset) -> PathGroups | None:
    if wanted.group_by is not None:
        return None
    below = root_of(source)
    return find_path_groups(
        [(image.uri.removeprefix(below), image.labels) for image in train.distinct()]
    )


def _rules(
    wanted: InitWanted,
    datasets: Mapping[Split, Dataset],
    images: int,
    groups: PathGroups | None,
) -> SplitRules | None:
    """Return how what is missing is drawn: by the plan that is there, or as proposed."""
    together = GroupRules(
        path_pattern=groups.pattern if groups else wanted.group_by or "",
        near_duplicate_bits=wanted.settings.near_duplicate_bits
        if wanted.near_duplicate_bits is None
        else wanted.near_duplicate_bits,
    )
    proposed = split_rules_for(datasets, images, together, wanted.holdout_images)
    kept = None if wanted.redraw else _kept_rules(wanted.folder / SPLITS_FOLDER / PLAN_NAME)
    if proposed is None or kept is None:
        return proposed
    if proposed.shares(images).keys() != kept.shares(images).keys():
        raise ConfigError(
            f"The splits in {wanted.folder / SPLITS_FOLDER} were drawn for other sets than there "
            "are now.",
            hint="Give another DIR, or --redraw to draw them again; scores on the old test and "
            "holdout cannot be compared with those on the new ones.",
        )
    return _with_decisions(kept, wanted)


def _with_decisions(kept: SplitRules, wanted: InitWanted) -> SplitRules:
    """Return the rules that are kept with what the user says now: `make_split` refuses others."""
    said = {"path_pattern": wanted.group_by, "near_duplicate_bits": wanted.near_duplicate_bits}
    groups = {name: value for name, value in said.items() if value is not None}
    sizes = {} if wanted.holdout_images is None else {"holdout_images": wanted.holdout_images}
    return kept.model_copy(update={**sizes, "groups": kept.groups.model_copy(update=groups)})


def _kept_rules(plan: Path) -> SplitRules | None:
    try:
        return SplitPlan.model_validate_json(plan.read_bytes()).rules
    except (OSError, ValidationError):
        return None  # there is none, or `make_split` says what is wrong with it


def _divided(
    datasets: Mapping[Split, Dataset], made: SplitMade | None
) -> dict[Split, tuple[DatasetImage, ...]]:
    given = {split: dataset.images for split, dataset in datasets.items()}
    return {**given, **(made.images if made else {})}


def _settings(settings: FirstSettings, rules: SplitRules | None) -> FirstSettings:
    """Let the audit look for near duplicates as the split did."""
    bits = rules.groups.near_duplicate_bits if rules else None
    return settings if bits is None else replace(settings, near_duplicate_bits=bits)


def _kept_config(kept: Sequence[Path]) -> FlowConfig | None:
    """Return the config that stays, if there is one that can be read by itself."""
    try:
        return parse_config(kept[0].read_text(encoding="utf-8")) if kept else None
    except (OSError, UnicodeError, ConfigError):
        return None  # it needs variables or overlays, or `validate` says what is wrong with it


def _demands(config: FlowConfig | None, kept: Sequence[Path]) -> Demands | None:
    """Return what the config demands, or None where only a run can tell."""
    if config is None:
        return None if kept else USUAL_DEMANDS
    return Demands(config.gates, config.audit)


def _unreached(backend: str, images: Mapping[Split, Sequence[DatasetImage]]) -> Iterator[Missing]:
    """Yield that the emulator does not reach the images, where it does not."""
    places = (parse_s3_uri(image.uri) for found in images.values() for image in found)
    bucket = next((place.bucket for place in places if place is not None), None)
    if backend == "emulator" and bucket is not None:
        yield out_of_reach(bucket)


def _unnamed(layout: Layout, datasets: Mapping[Split, Dataset]) -> int:
    uris = {image.uri for dataset in datasets.values() for image in dataset.images}
    uris |= {image.uri for dataset in datasets.values() for image in dataset.unusable}
    named = set(map(_place, uris))
    in_s3 = {is_s3(uri) for uri in uris}  # what lies beside a list of images elsewhere is not its
    return sum(_place(uri) not in named and is_s3(uri) in in_s3 for uri in layout.images)


def _place(uri: str) -> str:
    """Return one name for each file: annotations may name by absolute paths what lies here."""
    return posixpath.normpath(uri if is_s3(uri) else Path(uri).absolute().as_posix())


def _power(counts: Mapping[Split, SetCounts]) -> Power:
    """Return what the holdout tells, with its labels as frequent as they are."""
    labels = counts["holdout"].labels or {"": 1}
    total = sum(labels.values())
    expected = Expected(
        labels=len(labels), shares=tuple(number / total for number in labels.values())
    )
    images = max(1, counts["holdout"].images)
    return holdout_power(images, expected, max(1, counts["test"].images))
