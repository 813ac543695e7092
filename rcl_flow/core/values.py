"""The base of every frozen value that crosses a file, the config or the journal."""

from typing import Final

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Frozen(BaseModel):
    """A value that cannot change and accepts no unknown field.

    What checks it is built when it is first needed, and with the value that holds it: a config is
    checked by one, not by one for every section. For the same reason, a default that is itself
    such a value is made with `model_construct`.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        allow_inf_nan=False,
        defer_build=True,
    )


def _off(given: object) -> object:
    return "off" if given is False else given


OFF_WITHOUT_QUOTES: Final = BeforeValidator(_off)
"""Of a choice with the word `off`: YAML 1.1 reads it as false where it has no quotes."""
