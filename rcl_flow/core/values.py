"""The base of every frozen value that crosses a file, the config or the journal."""

from typing import Final

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Frozen(BaseModel):
    """A value that cannot change and accepts no unknown field."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False
    )


class Section(Frozen, defer_build=True):
    """A section of a config, or a part of one.

    What checks it is built once, with the whole config, not for every section. So a default that
    is itself a section is made with `model_construct`.
    """


def _off(given: object) -> object:
    return "off" if given is False else given


OFF_WITHOUT_QUOTES: Final = BeforeValidator(_off)
"""Of a choice with the word `off`: YAML 1.1 reads it as false where it has no quotes."""
