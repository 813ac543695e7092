"""Parse JSON, XML, YAML and text that strangers wrote, with one kind of problem for all."""

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

import orjson
import yaml

from rcl_flow.formats.problems import AnnotationProblemError


def parse_json(content: bytes) -> object:
    """Return what a JSON file says.

    Raises:
        AnnotationProblemError: it is not JSON in UTF-8.
    """
    try:
        document: object = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise AnnotationProblemError(f"it is not JSON: {error}") from error
    return document


def parse_xml(content: bytes) -> Element:
    """Return the root of an XML file.

    A document type is refused, and with it every entity that could grow or lead elsewhere.

    Raises:
        AnnotationProblemError: it is not XML, or has a document type.
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # encodings may be unknown
        if isinstance(error, AnnotationProblemError):
            raise
        raise AnnotationProblemError(f"it is not XML: {error}") from error
    return builder.close()


def parse_yaml(content: bytes) -> object:
    """Return what a YAML file says, every scalar as the text that stands there.

    Raises:
        AnnotationProblemError: it is not YAML in UTF-8.
    """
    try:
        # this loader builds texts, lists and mappings only
        document: object = yaml.load(decode_text(content), Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError, TypeError) as error:
        told = " ".join(str(error).split())[:200]
        raise AnnotationProblemError(f"it is not YAML: {told}") from error
    return document


def decode_text(content: bytes) -> str:
    """Return the text of a file in UTF-8, without the mark that some editors put first.

    Raises:
        AnnotationProblemError: it is in another encoding.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnnotationProblemError(f"it is not UTF-8 (byte {error.start})") from error


def _refuse_document_type(*_: object) -> None:
    raise AnnotationProblemError("it has a DOCTYPE, which no format of annotations needs")
