"""The text of the config that a new user starts with: short, commented, ready to run."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.datasets.dataset import Split
from rcl_flow.core.promotion.rules import Gates
from rcl_flow.core.variables import escaped

_PLAIN: Final = re.compile(r"(?:\.{0,2}/)*\.?[A-Za-z][A-Za-z0-9_./-]*")
_WORDS: Final = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_MEANINGS: Final[Mapping[Split, str]] = {
    "train": "the model is trained on them.",
    "test": "the service evaluates the model on them, and picks its thresholds.",
    "holdout": "never uploaded for training; they judge the model.",
}
_GATES: Final = Gates()
_USUAL_BITS: Final = AuditRules().duplicates.near_duplicate_bits
_WIDTH: Final = 96


@dataclass(frozen=True, slots=True)
class FirstSettings:
    """What a config says besides its data."""

    project: str
    backend: Literal["emulator", "aws"] = "emulator"
    region: str = "us-east-1"
    bucket: str | None = None
    profile: str | None = None
    workspace: str = ".rcl-flow"
    near_duplicate_bits: int = _USUAL_BITS
    """As the splits were drawn: the audit finds what differs in at most so many bits."""


@dataclass(frozen=True, slots=True)
class FirstSet:
    """One set as a config names it."""

    source: Mapping[str, str]
    """The fields of its section, such as `manifest` or `coco` and `images`."""
    images: int
    origin: str
    """Where they come from, in words."""


def first_config(settings: FirstSettings, sets: Mapping[Split, FirstSet], schema_line: str) -> str:
    """Return the text of a config, which begins with the line that names its schema."""
    return "\n".join(
        [
            schema_line,
            *_head(settings),
            *_data(sets),
            *_audit(settings.near_duplicate_bits),
            *_gates(sets["holdout"].images),
            *_aws(settings),
            "",
        ]
    )


def yaml_text(text: str) -> str:
    """Return a text as a value of a config, where `${` would name a variable."""
    return scalar_text(escaped(text))


def scalar_text(text: str) -> str:
    """Return a text as a scalar of YAML on one line, in quotes where it needs them."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)


def _head(settings: FirstSettings) -> Sequence[str]:
    return (
        "# Written by `rcl-flow init`; change whatever you like. docs/02-config.md shows every",
        "# field, and `rcl-flow validate` says what is wrong, with its line. When labels or images",
        "# have changed, the same `init` with --update reads them anew and leaves this file alone.",
        "",
        "# The Custom Labels project; made when missing.",
        f"project: {yaml_text(settings.project)}",
        "",
        "# `emulator` needs no account and costs nothing; `aws` costs money and asks first.",
        f"backend: {settings.backend}",
        "",
        "# State and runs, below the folder in which you call rcl-flow.",
        f"workspace: {yaml_text(settings.workspace)}",
        "",
    )


def _data(sets: Mapping[Split, FirstSet]) -> Iterator[str]:
    yield "# Paths start at this file."
    yield "data:"
    for split, one in sets.items():
        yield from (
            f"  # {line}" for line in _wrapped(f"{one.images:,} images {one.origin}: ", split)
        )
        yield f"  {split}:"
        for name, text in one.source.items():
            yield f"    {name}: {yaml_text(text)}"
    yield ""


def _wrapped(start: str, split: Split) -> Iterator[str]:
    meaning = _MEANINGS[split]
    if len(start) + len(meaning) <= _WIDTH:
        yield start + meaning
    else:
        yield start.rstrip()
        yield meaning


def _audit(bits: int) -> Iterator[str]:
    if bits == _USUAL_BITS:
        return
    yield "audit:"
    yield "  # As the splits were drawn: images that differ in more bits count as different."
    yield f"  duplicates: {{near_duplicate_bits: {bits}}}"
    yield ""


def _gates(holdout_images: int) -> Iterator[str]:
    yield "# What a model must reach to be promoted; else the decision is `keep`."
    yield "gates:"
    yield "  # The lower end of the holdout F1's interval must reach this."
    yield f"  min_holdout_f1: {_GATES.min_holdout_f1}"
    yield "  # Fewer holdout images cannot carry a decision."
    if holdout_images < _GATES.min_holdout_images:
        yield f"  # This holdout has {holdout_images}: until it has more, runs end with `keep`."
    yield f"  min_holdout_images: {_GATES.min_holdout_images}"
    yield ""


def _aws(settings: FirstSettings) -> Iterator[str]:
    quiet = "# " if settings.backend == "emulator" else ""
    if quiet:
        yield "# For AWS: `backend: aws` above, and these sections without their `#`."
    yield f"{quiet}aws:"
    yield f"{quiet}  region: {settings.region}"
    if settings.profile is not None:
        yield f"{quiet}  profile: {yaml_text(settings.profile)}"
    yield f"{quiet}storage:"
    yield f"{quiet}  # For manifests, images and the service's output."
    yield f"{quiet}  bucket: {yaml_text(settings.bucket or 'my-bucket')}"
    yield ""
    yield "# A limit is also the consent to spend that much on AWS; else `run` wants --yes."
    yield "# budget:"
    yield "#   max_usd: 50"
