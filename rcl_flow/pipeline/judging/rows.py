"""Rows that can be walked over, taken as columns, or made a data frame."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, overload

from rcl_flow.integrations.data_frames import DataFrame, data_frame

R = TypeVar("R")
Columns = dict[str, list[object]]


@dataclass(frozen=True, slots=True, repr=False)
class Rows(Sequence[R], Generic[R]):
    """A table: a sequence of values, with their figures as columns."""

    rows: tuple[R, ...]
    columns_of: Callable[[Sequence[R]], Columns]
    """Makes columns of one length, each with a value for every row."""

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def __iter__(self) -> Iterator[R]:
        """Yield the rows in their order."""
        return iter(self.rows)

    @overload
    def __getitem__(self, index: int) -> R: ...

    @overload
    def __getitem__(self, index: slice) -> "Rows[R]": ...

    def __getitem__(self, index: int | slice) -> "R | Rows[R]":
        """Return one row, or a table of some."""
        if isinstance(index, slice):
            return Rows(self.rows[index], self.columns_of)
        return self.rows[index]

    def columns(self) -> Columns:
        """Return the table as columns by name; None stands where a row has no such value."""
        return self.columns_of(self.rows)

    def to_pandas(self) -> DataFrame:
        """Return the table as a data frame.

        Raises:
            ExtraMissingError: pandas is not installed.
        """
        return data_frame(self.columns())

    def __repr__(self) -> str:
        """Say what it holds, not all of it."""
        kinds = sorted({type(row).__name__ for row in self.rows})
        return f"<{len(self)} rows{' of ' if kinds else ''}{', '.join(kinds)}>"
