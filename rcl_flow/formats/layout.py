"""Find in a folder which sets of labelled images it holds: one to divide, or train, test, holdout.

What the formats call `val` is looked at while a model is made, as the service looks at its test
set; what they call `test` judges at the end, as a holdout does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rcl_flow.core.datasets.dataset import Split
from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.errors import ConfigError, DataNotFoundError
from rcl_flow.formats.access import Access
from rcl_flow.formats.annotation_files import (
    AnnotationFile,
    annotation_files,
    may_annotate,
    may_annotate_one,
    require_known_columns,
    without_labels,
)
from rcl_flow.formats.detecting import detect_source
from rcl_flow.formats.folder import SIDECAR
from rcl_flow.formats.layout_splits import ToldSplits, cvat_splits, voc_splits, yolo_splits
from rcl_flow.formats.own_files import foreign_names
from rcl_flow.formats.places import is_image_name, join
from rcl_flow.formats.roles import Role, is_role, role_of, without_roles
from rcl_flow.formats.voc import ANNOTATIONS
from rcl_flow.formats.yolo_layout import CLASSES, DESCRIPTIONS

_PICTURE_FOLDERS: Final = frozenset(("images", "imgs", "img", "photos", "pictures", "jpegimages"))
_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class FoundSet:
    """Where one set is, as a config would say it."""

    kind: SourceKind
    uri: str
    images: str | None = None
    """Where relative image names start, when not beside the annotations."""
    split: str | None = None
    """The split of a format that tells splits apart itself."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a place holds."""

    place: str
    sets: Mapping[Split, FoundSet]
    """`train` alone stands for images that nobody has divided."""
    images: tuple[str, ...] = ()
    """The files that are images by their names."""
    notes: tuple[str, ...] = ()
    """What was passed over, in sentences."""


@dataclass(frozen=True, slots=True)
class SeveralFiles:
    """There are annotations that cannot all be meant."""

    place: str
    names: tuple[str, ...]
    """One file of each kind, by its path below the place."""


def find_layout(
    place: str, access: Access, *, kind: SourceKind | None = None, annotations: str | None = None
) -> Layout | SeveralFiles:
    """Return the sets that a file, a folder, a pattern or an s3:// prefix holds.

    Args:
        place: where to look.
        access: how files are reached; images are not opened.
        kind: the format, where it is known.
        annotations: the file that is meant, by its path below `place`, where there are several.

    Raises:
        DataNotFoundError: there is nothing, or nothing with labels.
        ConfigError: the sets cannot be told.
    """
    listed = access.list_uris(place)
    if not listed or list(listed) == [place]:
        found, uri = kind, place
        if not found or not listed:
            found, uri = detect_source(place, access)
        splits = _splits_of_file(found, uri, access)
        return replace(_told_apart(found, uri, splits), images=_siblings(uri, access))
    looked = _Look(place, foreign_names(place, listed), access, kind)
    return looked.layout(annotations)


def assigned(roles: Mapping[Role, FoundSet], place: str) -> Layout:
    """Return which set is which: what is `val` becomes test, and then `test` the holdout.

    Raises:
        ConfigError: none of several is for training.
    """
    if len(roles) == 1:
        return Layout(place, {"train": next(iter(roles.values()))})
    if "train" not in roles:
        raise ConfigError(
            f"{place} has sets for {' and '.join(roles)}, but none for training.",
            hint="Name the folder or file of the training images `train`, or give with --from one "
            "set alone, which is then divided.",
        )
    held = roles.get("holdout")
    if held is None and {"val", "test"} <= roles.keys():
        return Layout(
            place, {"train": roles["train"], "test": roles["val"], "holdout": roles["test"]}
        )
    tested = roles.get("test", roles.get("val"))
    sets: dict[Split, FoundSet] = {"train": roles["train"]}
    if tested is not None:
        sets["test"] = tested
    if held is not None:
        sets["holdout"] = held
    unused = held is not None and {"val", "test"} <= roles.keys()
    notes = (f"{roles['val'].uri} is not used: test and holdout are there.",) if unused else ()
    return Layout(place, sets, notes=notes)


def _splits_of_file(kind: SourceKind, uri: str, access: Access) -> ToldSplits:
    if kind == "yolo":
        return yolo_splits(uri, access)
    return ToldSplits(cvat_splits(uri, access) if kind == "cvat" else ())


def _siblings(uri: str, access: Access) -> tuple[str, ...]:
    folder = uri.rpartition("/")[0] or "."
    return tuple(filter(is_image_name, access.list_uris(folder)))


class _Look:
    """One look at a folder."""

    def __init__(
        self, place: str, names: Mapping[str, str], access: Access, kind: SourceKind | None
    ) -> None:
        self._place, self._names, self._access, self._kind = place, names, access, kind
        self._pictures = {name: uri for name, uri in names.items() if is_image_name(name)}

    def layout(self, annotations: str | None) -> Layout | SeveralFiles:
        """Return what the folder holds."""
        found: Layout | SeveralFiles | None = self._by_format()
        below = None if found else self._only_folder()
        if below is not None:
            found = find_layout(below, self._access, kind=self._kind, annotations=annotations)
        found = found or self._by_files(annotations) or self._by_folders()
        if isinstance(found, SeveralFiles):
            return found
        return replace(found, place=self._place, images=tuple(self._pictures.values()))

    def _only_folder(self) -> str | None:
        """Return the one folder that everything lies in, where that is no label's.

        What tells nothing of images may lie beside it: notes, a workspace of runs.
        """
        tells = (is_image_name, may_annotate, may_annotate_one)
        telling = [name for name in self._names if any(told(name) for told in tells)]
        first = {name.partition("/")[0] for name in telling}
        deep = any(name.count("/") > 1 for name in telling)
        if len(first) != 1 or not deep or not all("/" in name for name in telling):
            return None
        return join(self._place, first.pop())

    def _by_format(self) -> Layout | None:
        if self._wants("yolo") and any(name in self._names for name in (*DESCRIPTIONS, CLASSES)):
            return _told_apart("yolo", self._place, yolo_splits(self._place, self._access))
        start = f"{ANNOTATIONS}/"
        if self._wants("voc") and any(
            name.startswith(start) and name.endswith(".xml") for name in self._names
        ):
            return _told_apart("voc", self._place, ToldSplits(voc_splits(self._names)))
        return None

    def _by_files(self, annotations: str | None) -> Layout | SeveralFiles | None:
        if self._kind == "folder":
            return None
        files = [
            file
            for file in annotation_files(self._place, self._names, self._access)
            if self._wants(file.kind) and self._is_meant(file)
        ]
        groups = _grouped(files)
        if annotations is None and self._kind is None:
            require_known_columns(self._place, files, self._folders())
        if annotations is not None:
            groups = [group for group in groups if annotations in _paths(group)]
            if not groups:
                raise ConfigError(
                    f"There is no file of annotations {annotations} in {self._place}.",
                    hint="--annotations takes one of: "
                    + ", ".join(file.name for file in files[:_SHOWN]),
                )
        if len(groups) > 1:
            return SeveralFiles(self._place, tuple(group[0].name for group in groups))
        if not groups:
            return None
        if len(groups[0]) == 1:
            (file,) = groups[0]
            splits = _splits_of_file(file.kind, file.uri, self._access)
            return _told_apart(file.kind, file.uri, splits)
        return assigned(
            {role_of(file.name) or "train": _found(file) for file in groups[0]}, self._place
        )

    def _is_meant(self, file: AnnotationFile) -> bool:
        """Pass over a labels.csv that only says more about folders of labels."""
        if not file.name.endswith(SIDECAR) or self._kind == "csv":
            return True
        return "/" not in file.name and file.names_columns and len(self._folders()) <= 1

    def _folders(self) -> list[str]:
        """Return the first-level folders with images, sorted."""
        return sorted({name.partition("/")[0] for name in self._pictures if "/" in name})

    def _by_folders(self) -> Layout:
        if not self._wants("folder"):
            raise ConfigError(
                f"There are no annotations of the format {self._kind} in {self._place}.",
                hint="Give their file with --from, or leave --format out to see what is found.",
            )
        if not self._pictures:
            raise DataNotFoundError(
                f"There are no images and no annotations in {self._place}.",
                hint="Give with --from a folder of PNG and JPEG files, or a file of annotations "
                "(`rcl-flow explain` lists the formats).",
            )
        folders = self._folders()
        whole = {folder: role_of(folder) for folder in folders if is_role(folder)}
        if len(whole) > 1 and ("train" in whole.values() or len(whole) == len(folders)):
            return self._sets_of(whole, sorted(set(folders) - whole.keys()))
        labelled = any(folder.lower() not in _PICTURE_FOLDERS for folder in folders)
        if not labelled and SIDECAR not in self._names:
            raise without_labels(self._place, self._names)
        return Layout(self._place, {"train": FoundSet("folder", self._place)})

    def _sets_of(self, whole: Mapping[str, Role | None], others: Sequence[str]) -> Layout:
        roles: dict[Role, FoundSet] = {
            role: FoundSet("folder", join(self._place, folder))
            for folder, role in whole.items()
            if role is not None
        }
        layout = assigned(roles, self._place)
        notes = tuple(f"{join(self._place, other)} is not used." for other in others[:_SHOWN])
        return replace(layout, notes=(*layout.notes, *notes))

    def _wants(self, kind: SourceKind) -> bool:
        return self._kind in (None, kind)


def _told_apart(kind: SourceKind, uri: str, splits: ToldSplits) -> Layout:
    """Return the layout of a format that tells its splits itself; of one set where it does not."""
    named = [(role, split) for split in splits.names if (role := role_of(split)) is not None]
    roles: dict[Role, FoundSet] = {role: FoundSet(kind, uri, split=split) for role, split in named}
    if len(roles) < 2 or len(roles) < len(named):  # noqa: PLR2004  # one is not a division
        return Layout(uri, {"train": FoundSet(kind, uri)}, notes=splits.notes)
    layout = assigned(roles, uri)
    others = sorted(set(splits.names) - {split for _, split in named})
    notes = tuple(f"The images of {other} in {uri} are not used." for other in others[:_SHOWN])
    return replace(layout, notes=(*layout.notes, *notes, *splits.notes))


def _found(file: AnnotationFile) -> FoundSet:
    return FoundSet(file.kind, file.uri)


def _paths(group: Sequence[AnnotationFile]) -> Iterator[str]:
    for file in group:
        yield from (file.name, file.uri)


def _grouped(files: Sequence[AnnotationFile]) -> list[list[AnnotationFile]]:
    """Return the files that differ only in the word for their role together."""
    groups: dict[tuple[str, ...], dict[Role | None, AnnotationFile]] = {}
    for file in files:
        role = role_of(file.name)
        key: tuple[str, ...] = (file.kind, without_roles(file.name) if role else file.name)
        if role in groups.get(key, {}):
            key = (file.kind, file.name, "again")
        groups.setdefault(key, {})[role] = file
    return [list(group.values()) for group in groups.values()]
