"""Drive `init`: look, ask what cannot be known, read, propose, write, tell."""

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from rcl_flow.aws.s3 import S3
from rcl_flow.cli.console import Console
from rcl_flow.cli.init_text import init_document, init_lines
from rcl_flow.cli.splitting import group_rules
from rcl_flow.clock import SystemClock
from rcl_flow.core.proposing.first_config import FirstSettings
from rcl_flow.core.proposing.proposal import project_name
from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.errors import ConfigError
from rcl_flow.formats.access import Access
from rcl_flow.formats.columns import ColumnMapping, told_mapping
from rcl_flow.formats.image_places import with_images
from rcl_flow.formats.layout import FoundSet, Layout, SeveralFiles, find_layout
from rcl_flow.formats.places import is_s3
from rcl_flow.pipeline.data.first_files import check_settings, require_free
from rcl_flow.pipeline.data.initialising import InitWanted, initialise, read_sets
from rcl_flow.pipeline.images.access import make_access
from rcl_flow.pipeline.images.measuring import workspace_cache
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.report.figures import format_count

Ask = Callable[[str, str | None], str]
"""Asks a person a question, with a default where there is one."""
_MANY_IMAGES: Final = 2000
_ABOVE: Final = 2
"""How many folders above the images may lend their name."""


@dataclass(frozen=True, slots=True)
class InitAsked:
    """What the command line says; None where it says nothing."""

    folder: Path
    place: str | None
    workspace: Path
    project: str | None = None
    backend: Literal["emulator", "aws"] = "emulator"
    region: str = "us-east-1"
    profile: str | None = None
    bucket: str | None = None
    kind: SourceKind | None = None
    annotations: str | None = None
    images: str | None = None
    columns: str | None = None
    holdout_images: int | None = None
    group_by: str | None = None
    near_duplicates: int | None = None
    force: bool = False
    update: bool = False
    redraw: bool = False

    @property
    def may_replace(self) -> bool:
        """Whether files of an earlier `init` are no obstacle."""
        return self.force or self.update or self.redraw


def drive_init(asked: InitAsked, s3: S3, console: Console, ask: Ask | None) -> None:
    """Look at the images, write a config for them, and print what was understood.

    Args:
        asked: the command line.
        s3: the gateway, for images in S3.
        console: where to print.
        ask: asks what cannot be known; None where nobody is there to answer.

    Raises:
        ConfigError: something has to be decided, and nobody is there; its hint names the option.
        RclFlowError: the images cannot be used, or a file not be written.
    """
    require_free(asked.folder, force=asked.may_replace)
    group_rules(asked.group_by or "", 0.0, asked.near_duplicates)  # refused before images are read
    access = make_access(lambda: s3)
    layout = _placed(asked, _layout(asked, access, ask), access, ask)
    settings = _settings(asked, ask)
    check_settings(settings)
    if len(layout.images) > _MANY_IMAGES:
        console.note(
            f"Looking at {len(layout.images):,} images once; `audit` and `run` remember what was "
            f"seen, in {asked.workspace}."
        )
    measures = workspace_cache(asked.workspace)
    with (
        console.watcher() as watcher,
        StepLog(watcher.tell, SystemClock()).step("look at images") as step,
    ):
        datasets = read_sets(layout, asked.columns, s3, measures)
        step.detail = format_count(sum(len(one.images) for one in datasets.values()), "image")
    wanted = InitWanted(
        folder=asked.folder,
        settings=settings,
        columns=asked.columns,
        holdout_images=asked.holdout_images,
        group_by=asked.group_by,
        near_duplicate_bits=asked.near_duplicates,
        redraw=asked.redraw,
        keep_config=asked.update and not asked.force,
    )
    done = initialise(wanted, layout, datasets, measures)
    console.document(init_document(done, settings))
    console.result("\n".join(init_lines(done, settings)))


def _layout(asked: InitAsked, access: Access, ask: Ask | None) -> Layout:
    place = str(asked.folder) if asked.place is None else asked.place
    kind = asked.kind or ("csv" if _columns(asked.columns) else None)  # nothing else has columns
    found = find_layout(place, access, kind=kind, annotations=asked.annotations)
    if isinstance(found, Layout):
        return found
    chosen = _choice(found, ask)
    found = find_layout(place, access, kind=kind, annotations=chosen)
    if isinstance(found, SeveralFiles):
        raise _too_many(found)
    return found


def _choice(found: SeveralFiles, ask: Ask | None) -> str:
    if ask is None:
        raise _too_many(found)
    numbered = "\n".join(f"  {number}  {name}" for number, name in enumerate(found.names, start=1))
    answer = ask(f"{found.place} has several files of annotations:\n{numbered}\nWhich one?", "1")
    if answer.isdecimal() and 0 < int(answer) <= len(found.names):
        return found.names[int(answer) - 1]
    return answer


def _too_many(found: SeveralFiles) -> ConfigError:
    return ConfigError(
        f"{found.place} has several files of annotations: {', '.join(found.names)}.",
        hint=f"Say which one is meant: --annotations {found.names[0]}.",
    )


def _placed(asked: InitAsked, layout: Layout, access: Access, ask: Ask | None) -> Layout:
    """Return the layout with the places of the images of every set."""
    columns = _columns(asked.columns)
    sets = {
        split: _with_images(replace(found, images=asked.images), layout, (access, ask, columns))
        for split, found in layout.sets.items()
    }
    return replace(layout, sets=sets)


def _with_images(
    found: FoundSet, layout: Layout, tools: tuple[Access, Ask | None, ColumnMapping | None]
) -> FoundSet:
    access, ask, columns = tools
    placed = with_images(found, layout.images, access, columns)
    if placed is None and ask is not None:
        answer = ask(f"The images that {found.uri} names are not beside it. In which folder?", None)
        placed = replace(found, images=answer)
    if placed is None:
        also = "; --format folder passes the table over" if found.kind == "csv" else ""
        also = f" or --columns image=COLUMN,label=COLUMN{also}" if also else ""
        raise ConfigError(
            f"The images that {found.uri} names are not in {layout.place}.",
            hint=f"Say where they are: --images FOLDER{also}.",
        )
    return placed


def _columns(text: str | None) -> ColumnMapping | None:
    return None if text is None else told_mapping("--columns", text)


def _settings(asked: InitAsked, ask: Ask | None) -> FirstSettings:
    return FirstSettings(
        project=asked.project or _project(asked, ask),
        backend=asked.backend,
        region=asked.region,
        profile=asked.profile,
        bucket=asked.bucket or _bucket(asked, ask),
        workspace=str(asked.workspace),
    )


def _project(asked: InitAsked, ask: Ask | None) -> str:
    names = _folder_names(asked)
    name = project_name(names)
    if name is not None and (ask is None or name == names[0]):
        return name
    if ask is not None:
        return ask("Name of the project", name)
    raise ConfigError(
        f"No folder's name can name the project: {', '.join(names)}.",
        hint="Give a name with --project: letters, figures, and . _ -.",
    )


def _folder_names(asked: InitAsked) -> Sequence[str]:
    """Return names to call the project by: of DIR where it was named, else of the images."""
    here = asked.folder.resolve().name
    chosen = [] if asked.folder == Path() else [here]
    if asked.place is not None and is_s3(asked.place):
        return [*chosen, posixpath.basename(asked.place.rstrip("/")), here]
    place = (asked.folder if asked.place is None else Path(asked.place)).resolve()
    above = [place, *place.parents][: _ABOVE + 1]
    return [*chosen, *(one.stem if one.is_file() else one.name for one in above)]


def _bucket(asked: InitAsked, ask: Ask | None) -> str | None:
    if asked.backend == "emulator":
        return None
    if ask is not None:
        return ask("S3 bucket for images and results (in " + asked.region + ")", None)
    raise ConfigError(
        "A config with `backend: aws` needs a bucket.",
        hint="Give it with --bucket; leave --backend out to try everything on the emulator.",
    )
