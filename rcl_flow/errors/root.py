"""The root of the error tree."""

from typing import ClassVar


class RclFlowError(Exception):
    """A run cannot go on; says what happened and where, and in `hint` what to do next."""

    slug: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str) -> None:
        """Keep `message` (what happened, where) and `hint` (what to do next).

        A traceback shows both: in a notebook nobody prints `hint`.
        """
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.add_note(f"hint: {hint}")
