"""Elements of XML files of annotations: typed look-ups, and what XML cannot hold."""

import re
from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rcl_flow.formats.fields import number_from
from rcl_flow.formats.problems import AnnotationProblemError

_UNWRITABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def is_writable(*texts: str) -> bool:
    """Say whether XML gives every text back as it is: no control characters, no outer spaces."""
    return not any(_UNWRITABLE.search(text) or text != text.strip() for text in texts)


def text_in(element: Element, path: str) -> str:
    """Return the text at `path`, without outer spaces, or an empty text."""
    return (element.findtext(path) or "").strip()


def needed_text(element: Element, path: str) -> str:
    """Return the text at `path`, which must be there."""
    text = text_in(element, path)
    if not text:
        raise AnnotationProblemError(f"it has no <{path}>")
    return text


def needed_attribute(element: Element, name: str) -> str:
    """Return an attribute of an element, which must be there."""
    value = element.get(name)
    if not value:
        raise AnnotationProblemError(f"a <{element.tag}> has no {name}")
    return value


def numbers_at(element: Element, paths: Sequence[str]) -> list[float]:
    """Return the numbers at `paths`."""
    return [number_from(text_in(element, path) or None, f"<{path}>") for path in paths]


def numbers_of(element: Element, names: Sequence[str]) -> list[float]:
    """Return attributes that are numbers."""
    return [number_from(element.get(name), f"{name} of <{element.tag}>") for name in names]


def add(parent: Element, tag: str, text: object = "") -> Element:
    """Add an element with a text, and return it."""
    child = SubElement(parent, tag)
    if text != "":
        child.text = str(text)
    return child


def to_bytes(root: Element) -> bytes:
    """Return the file of an element, indented."""
    indent(root, space="  ")
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'.encode()
    )
