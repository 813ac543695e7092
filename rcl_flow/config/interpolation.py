"""Put variables into the texts of a config: `${NAME}` and `${NAME:-default}`."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from rcl_flow.config.located import Path
from rcl_flow.core.variables import VARIABLE_SIGN

_EXPRESSION: Final = re.compile(r"\$\$\{|\$\{(?P<body>[^}]*)\}|\$\{")
_BODY: Final = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<default>:-(?!.*\$\{).*)?", re.DOTALL
)
_SECRET: Final = re.compile(
    r"(PASSWORD|PASSWD|PASSPHRASE|_PWD|SECRETS?|TOKENS?|CREDENTIALS?|(ACCESS|API|PRIVATE)_?KEY)"
    r"(_|$)",
    re.IGNORECASE,
)
"""Names, such as PGPASSWORD, whose values are no part of a config, which every run keeps and every
report shows."""
_LONGEST_SHOWN: Final = 60
_CURE: Final = (
    "Set the variable, or write a default: ${NAME:-default}. Write $${ for a ${ that is meant as "
    "it stands."
)
_LEAVE_OUT: Final = (
    "Leave the secret out of the config; a variable that holds none gets another name. Credentials "
    "of AWS are found as by the AWS CLI."
)


class Interpolated(str):
    """A text into which variables were put; no message shows it."""

    __slots__ = ("names",)
    names: tuple[str, ...]
    """Of the variables."""

    def __new__(cls, text: str, names: tuple[str, ...]) -> "Interpolated":
        """Remember where the text came from."""
        made = super().__new__(cls, text)
        made.names = names
        return made


class Problem(NamedTuple):
    """An expression that has no value."""

    path: Path
    """Where it stands in the config."""
    message: str
    cure: str
    """What to do about it."""


class _UnknownError(Exception):
    """What is wrong with one expression."""

    cure = _CURE


class _SecretError(_UnknownError):
    """It would put a secret into the config."""

    cure = _LEAVE_OUT


def interpolate(
    tree: Mapping[str, object], environment: Mapping[str, str]
) -> tuple[dict[str, object], tuple[Problem, ...]]:
    """Return the tree with variables put in, and what could not be.

    Only texts are looked at, never keys. A field whose text comes out empty is left out, so that
    it has its default.

    Args:
        tree: a config's; it is not changed.
        environment: the variables' values by their names.
    """
    found = _Interpolation(environment)
    made = found.value(tree, ())
    return (made if isinstance(made, dict) else {}), tuple(found.problems)


def variables_in(value: object) -> Iterator[str]:
    """Yield the names of the variables that were put into a value's texts."""
    if isinstance(value, Interpolated):
        yield from value.names
    elif isinstance(value, dict):
        for below in value.values():
            yield from variables_in(below)
    elif isinstance(value, list):
        for below in value:
            yield from variables_in(below)


class _Interpolation:
    """One walk through a tree, in which a YAML alias may stand in several places, or in itself."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._made: dict[int, object] = {}
        self.problems: list[Problem] = []

    def value(self, given: object, path: Path) -> object:
        """Return the value with variables put in; what has none is what it was."""
        if isinstance(given, str):
            return self._text(given, path)
        if not isinstance(given, dict | list):
            return given
        if id(given) not in self._made:
            if isinstance(given, dict):
                self._fill(given, path)
            else:
                items: list[object] = []
                self._made[id(given)] = items
                items += (self.value(one, (*path, str(at))) for at, one in enumerate(given))
        return self._made[id(given)]

    def _fill(self, given: Mapping[str, object], path: Path) -> None:
        filled: dict[str, object] = {}
        self._made[id(given)] = filled
        for key, below in given.items():
            made = self.value(below, (*path, str(key)))
            if not (isinstance(made, Interpolated) and not made):
                filled[key] = made

    def _text(self, given: str, path: Path) -> str:
        if VARIABLE_SIGN not in given:
            return given
        names: list[str] = []
        try:
            text = _EXPRESSION.sub(lambda match: self._put(match, names), given)
        except _UnknownError as error:
            self.problems.append(Problem(path, str(error), error.cure))
            return given
        return Interpolated(text, tuple(dict.fromkeys(names))) if names else text

    def _put(self, match: re.Match[str], names: list[str]) -> str:
        whole, body = match.group(), match.group("body")
        if body is None and whole != VARIABLE_SIGN:
            return VARIABLE_SIGN
        parts = _BODY.fullmatch(body or "")
        if parts is None:
            raise _UnknownError(
                f"{whole[:_LONGEST_SHOWN]!r} is not of the form ${{NAME}} or ${{NAME:-default}}"
            )
        name, default = parts["name"], parts["default"]
        if _SECRET.search(name):
            raise _SecretError(
                f"${{{name}}} has the name of a secret, and a run keeps its config and shows it; "
                "secrets are named where they are needed, such as `notifications.slack: env:NAME`"
            )
        names.append(name)
        value = self._environment.get(name, "")
        if not value and default is None:
            raise _UnknownError(f"the environment variable {name} is not set, or empty")
        return value or (default or "").removeprefix(":-")
