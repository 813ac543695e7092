"""The formats that labelled images come in; light, since every config is validated with it."""

from typing import Final, Literal, get_args

SourceKind = Literal["folder", "csv", "manifest", "coco", "yolo", "voc", "label-studio", "cvat"]
SOURCE_KINDS: Final[tuple[SourceKind, ...]] = get_args(SourceKind)
