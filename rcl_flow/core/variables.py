"""How a config's text says that something is, or is no, variable."""

from typing import Final

VARIABLE_SIGN: Final = "${"
ESCAPED_SIGN: Final = "$${"
"""What a config says for a `${` that is meant as it stands."""


def escaped(text: str) -> str:
    """Return a text as it is written in a config, where `${` would name a variable."""
    return text.replace(VARIABLE_SIGN, ESCAPED_SIGN)
