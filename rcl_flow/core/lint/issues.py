"""One thing that is wrong on a line, and its place there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineIssue:
    """A code, the keys that lead to its place, and what exactly was found there."""

    code: str
    place: tuple[str | int, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LineProblem:
    """An issue of one line of a manifest."""

    line_number: int
    """1-based."""
    code: str
    place: tuple[str | int, ...]
    source_ref: str
    detail: str = ""

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer; empty for the line as a whole."""
        return json_pointer(self.place)

    @property
    def told(self) -> str:
        """Code, place and detail in one text."""
        where = f" at {self.pointer}" if self.place else ""
        return f"{self.code}{where}" + (f": {self.detail}" if self.detail else "")


def json_pointer(place: tuple[str | int, ...]) -> str:
    """Return the keys as a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in place)
