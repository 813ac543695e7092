"""What is wrong in a file of annotations: words that a place is put before."""

from collections.abc import Iterator
from contextlib import contextmanager

from rcl_flow.errors import AnnotationsUnreadableError


class AnnotationProblemError(ValueError):
    """Why a file or an entry of it cannot be used, in words that follow its place."""


@contextmanager
def refused(uri: str) -> Iterator[None]:
    """Turn a problem with a whole file into the error that ends the command.

    Raises:
        AnnotationsUnreadableError: the file at `uri` is not in the form of its format.
    """
    try:
        yield
    except AnnotationProblemError as problem:
        raise AnnotationsUnreadableError(
            f"{uri}: {problem}.",
            hint="Correct the file, or name its format; `rcl-flow explain coco`, say, tells what a "
            "format holds.",
        ) from problem
