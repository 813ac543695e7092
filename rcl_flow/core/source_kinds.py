"""The formats that labelled images come in; light, since every config is validated with it."""

from typing import Literal

SourceKind = Literal["folder", "csv", "manifest", "coco", "yolo", "voc", "label-studio", "cvat"]
