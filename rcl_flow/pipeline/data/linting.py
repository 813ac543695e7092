"""Lint manifests where they lie, and write corrected ones."""

import io
import shlex
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import orjson

from rcl_flow.core import limits
from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.lint.findings import line_findings, lint_findings
from rcl_flow.core.lint.fixing import FixedLine, fix_lines
from rcl_flow.core.lint.forecast import BucketState
from rcl_flow.core.lint.manifest_report import ManifestReport, ManifestSplit
from rcl_flow.core.lint.manifests import UNREADABLE, ImageState, ManifestLinter
from rcl_flow.core.lint.report import LintReport, judge_manifests
from rcl_flow.errors import AwsRefusedError, ConfigError, DataNotFoundError, DatasetGateError
from rcl_flow.files import write_bytes

if TYPE_CHECKING:  # `rcl-flow lint` needs neither
    from rcl_flow.config import DataConfig, ImageSource
    from rcl_flow.formats.access import Access

OpenObject = Callable[[str], bytes]

_REWRITTEN: Final = (
    "A run does not pass this on, since it writes a manifest of its own; `rcl-flow lint --fix` "
    "corrects the file for other uses."
)
_CONFIGS: Final = frozenset((".yaml", ".yml"))
_TABLES: Final = frozenset((".csv", ".tsv", ".xml"))
_REFUSALS: Final = {
    "NoSuchKey": UNREADABLE,
    "NoSuchBucket": UNREADABLE,
    "404": UNREADABLE,
    "AccessDenied": "ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET",
    "403": "ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET",
}
"""S3's error codes to what the service says of such a manifest."""


@dataclass(frozen=True, slots=True)
class LintWanted:
    """What is to be linted, and what is known besides."""

    train: str
    """The training manifest: a local path or an s3:// URI."""
    test: str | None = None
    region: str = "us-east-1"
    images: Mapping[str, ImageState] = field(default_factory=dict)
    """What is known of image files, by source-ref."""
    buckets: Mapping[str, BucketState] = field(default_factory=dict)
    """What is known of the images' buckets."""


@dataclass(frozen=True, slots=True)
class FixedManifest:
    """A corrected manifest that was written, and the lines that were changed."""

    path: Path
    lines: tuple[FixedLine, ...]


def require_manifest(uri: str) -> None:
    """Refuse what is no manifest by its name, before anything of it is read or corrected.

    Raises:
        ConfigError: it is a config, or a file of another format.
    """
    suffix = PurePosixPath(uri).suffix.lower()
    if suffix in _CONFIGS:
        raise ConfigError(
            f"{uri} is no manifest, but a config by its name.",
            hint=f"`rcl-flow validate {shlex.quote(uri)}` checks a config; `rcl-flow audit "
            f"{shlex.quote(uri)}` checks its images, and lints the manifests that it names.",
        )
    if suffix in _TABLES:
        raise ConfigError(
            f"{uri} is no manifest, but another format by its name.",
            hint=f"`rcl-flow convert {shlex.quote(uri)} train.manifest --to manifest "
            "--images-prefix s3://BUCKET/PREFIX` makes one of it.",
        )


def lint_manifests(wanted: LintWanted, open_object: OpenObject) -> LintReport:
    """Lint one or two manifests.

    Args:
        wanted: the manifests.
        open_object: returns the content of an s3:// URI; called for nothing else.

    Raises:
        DataNotFoundError: a local manifest cannot be read.
        AwsRefusedError: S3 cannot be reached.
    """
    train = _linter(wanted, "train", wanted.train, None)
    report = _read(train, wanted.train, "train", open_object)
    if wanted.test is None:
        return judge_manifests(report, buckets=wanted.buckets)
    test = _linter(wanted, "test", wanted.test, train)
    tested = _read(test, wanted.test, "test", open_object)
    return judge_manifests(report, tested, buckets=wanted.buckets)


def lint_sources(data: "DataConfig", access: "Access") -> tuple[Finding, ...]:
    """Lint the manifests that training and test images are read from, line by line.

    A run writes a manifest of its own, so an error here closes no gate; a line that cannot be read
    is an unusable image besides. Local source-refs, which the service does not know, are taken.

    Raises:
        DataNotFoundError: a local manifest cannot be read.
        AwsRefusedError: an object cannot be read.
    """
    from rcl_flow.formats.reading import is_pattern

    found: list[Finding] = []
    sources: tuple[tuple[ManifestSplit, ImageSource | None], ...] = (
        ("train", data.train),
        ("test", data.test),
    )
    for split, source in sources:
        if source is not None and source.kind == "manifest" and not is_pattern(source.uri):
            lines = map(_in_s3, access.open_bytes(source.uri).splitlines(keepends=True))
            found += line_findings([ManifestLinter(source.uri, split).read(lines).report()])
    return tuple(
        finding.model_copy(update={"severity": "warning", "hint": f"{finding.hint} {_REWRITTEN}"})
        for finding in found
    )


def require_trainable(train: bytes, test: bytes, region: str) -> None:
    """Refuse manifests that this program wrote itself when a training with them would fail.

    Raises:
        DatasetGateError: it would; the message has the service's codes.
    """
    linters: list[ManifestLinter] = []
    contents: tuple[tuple[ManifestSplit, bytes], ...] = (("train", train), ("test", test))
    for split, content in contents:
        most = limits.max_dataset_images(region, split)
        linter = ManifestLinter(
            f"{split}.manifest", split, max_lines=most, other=linters[0] if linters else None
        )
        linters.append(linter.read(content.splitlines(keepends=True)))
    report = judge_manifests(linters[0].report(), linters[1].report())
    told = [finding for finding in lint_findings(report) if finding.severity == "error"]
    if told:
        raise DatasetGateError(
            "\n".join(finding.message for finding in told),
            hint=" ".join(dict.fromkeys(finding.hint for finding in told)),
            findings=[finding.message for finding in told],
        )


def _in_s3(line: bytes) -> bytes:
    """Return the line with a local source-ref as if it were an object's."""
    try:
        document = orjson.loads(line)
        source_ref = document["source-ref"]
        if not isinstance(source_ref, str) or not source_ref or source_ref.startswith("s3://"):
            return line
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return line  # the linter says what is wrong with it
    return orjson.dumps({**document, "source-ref": f"s3://local/{source_ref.lstrip('./')}"})


def fix_manifest(uri: str, out: Path, open_object: OpenObject) -> FixedManifest:
    """Write a corrected copy of the manifest at `uri` to `out`.

    Raises:
        DataNotFoundError: a local manifest cannot be read.
        AwsRefusedError: an object cannot be read.
        LocalFilesError: the copy cannot be written.
    """
    changed = []
    content = bytearray()
    with _open_lines(uri, open_object) as lines:
        for line in fix_lines(lines):
            content += line.content or b""
            if line.changes:
                changed.append(line)
    write_bytes(out, bytes(content))
    return FixedManifest(out, tuple(changed))


def _linter(
    wanted: LintWanted, split: ManifestSplit, uri: str, other: ManifestLinter | None
) -> ManifestLinter:
    most = limits.max_dataset_images(wanted.region, split)
    return ManifestLinter(uri, split, images=wanted.images, max_lines=most, other=other)


def _read(
    linter: ManifestLinter, uri: str, split: ManifestSplit, open_object: OpenObject
) -> ManifestReport:
    try:
        with _open_lines(uri, open_object) as lines:
            return linter.read(lines).report()
    except AwsRefusedError as error:
        if error.code not in _REFUSALS:
            raise
        return ManifestReport(uri, split, file_codes=(_REFUSALS[error.code],))


def _open_lines(uri: str, open_object: OpenObject) -> AbstractContextManager[Iterable[bytes]]:
    if uri.startswith("s3://"):
        return io.BytesIO(open_object(uri))
    return closing(_local_lines(uri))


def _local_lines(path: str) -> Generator[bytes, None, None]:
    try:
        with Path(path).open("rb") as file:
            yield from file
    except (OSError, ValueError) as error:
        raise DataNotFoundError(
            f"Cannot read {path}: {getattr(error, 'strerror', None) or error}.",
            hint="Give the path of a manifest, or an s3:// URI; `rcl-flow audit CONFIG` checks "
            "images.",
        ) from error
