"""Bring a dataset of ours to other content by its entries, and read back what became of them.

The dataset's content tag says from the first change to the read-back that it is being updated, so
that whoever finds it after a crash compares and goes on, and never takes it for the old content.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import orjson
from pydantic import Field

from rcl_flow.aws.descriptions import DATASET_USABLE, DATASET_WORKING
from rcl_flow.aws.errors import Failure, classify
from rcl_flow.aws.s3 import S3Location
from rcl_flow.aws.waiting import Pace
from rcl_flow.core.naming import CONTENT_TAG, digest_of
from rcl_flow.core.training.dataset_delta import (
    DatasetDelta,
    EntryProblem,
    chunk_lines,
    diff_entries,
    entry_problems,
    unheeded_problems,
)
from rcl_flow.core.values import Frozen
from rcl_flow.errors import AwsRefusedError, EntriesRefusedError
from rcl_flow.files import write_text
from rcl_flow.pipeline.runs.results import UploadedManifest
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.state.records import read_record, write_record

DATASET_PACE: Final = Pace(every_seconds=5.0, timeout_seconds=3600.0)
PROBLEMS_NAME: Final = "dataset-entries.jsonl"
_UPDATING: Final = "/updating"
_TIMES_SENT: Final = 2
"""The same lines are not sent more often: the service does not take them."""
_SHOWN: Final = 20
_ENTRIES_PER_BEAT: Final = 1000


class UpdateUnderWay(Frozen):
    """What was sent to a dataset so far, so that ticks cannot send the same for ever."""

    content_digest: str
    """Of the manifest."""
    sent: dict[str, int] = Field(default_factory=dict)
    """How often each part was sent, by its digest."""


@dataclass(frozen=True, slots=True)
class DatasetUpdate:
    """One of the project's datasets and what it shall hold."""

    arn: str
    kind: Literal["TRAIN", "TEST"]
    bucket: str
    manifest: UploadedManifest


def updating_tag(content_digest: str) -> str:
    """Return the content tag of a dataset that is on its way to some content."""
    return f"{content_digest}{_UPDATING}"


def update_dataset(update: DatasetUpdate, run: Run) -> str | None:
    """Send the dataset what it lacks of the manifest, and read every entry back.

    Returns:
        Why it has to be made anew instead; None when it holds the manifest now.

    Raises:
        EntriesRefusedError: the service took entries otherwise than they were sent.
        Pause: in a tick, while the service is at work.
    """
    manifest = run.services.s3.get(S3Location(update.bucket, update.manifest.key))
    refused: AwsRefusedError | None = None
    while True:
        failed = _await_rest(update.arn, run)
        if failed is not None:
            return failed
        delta = read_delta(update.arn, manifest, run)
        if delta.removed:
            return _images_have_to_go(delta)
        if not delta.to_send:
            break
        refused = _send(delta, update, refused, run)
    require_heeded(update.arn, DatasetDelta((), (), (), delta.unchanged), run)
    run.services.rekognition.tag(update.arn, {CONTENT_TAG: update.manifest.content_digest})
    run.services.store.delete(_key(update.arn, run))
    return None


def read_delta(arn: str, manifest: bytes, run: Run) -> DatasetDelta:
    """List a dataset's entries and return how they differ from a manifest.

    Raises:
        AwsRefusedError: it cannot be listed, as while it is being updated.
    """
    return diff_entries(_beating(run.services.rekognition.entries.list(arn), run), manifest)


def require_heeded(arn: str, left: DatasetDelta, run: Run) -> None:
    """Refuse a dataset with entries that are wrong, or that are not there as they were sent.

    Args:
        arn: of a dataset at rest.
        left: what the dataset lacks although it was sent.
        run: in whose folder every problem is written.

    Raises:
        EntriesRefusedError: naming each image with code and cure.
    """
    listed = run.services.rekognition.entries.list(arn, with_errors=True)
    problems = (*entry_problems(listed), *unheeded_problems(left))
    if problems:
        raise entries_refused(arn, problems, run)


def entries_refused(arn: str, problems: tuple[EntryProblem, ...], run: Run) -> EntriesRefusedError:
    """Write every problem to the run's folder and return the error that tells them."""
    path = run.folder / PROBLEMS_NAME
    write_text(path, "".join(_problem_line(problem) for problem in problems))
    images = len({problem.source_ref for problem in problems})
    told = [f"  - {problem.sentence}" for problem in problems[:_SHOWN]]
    more = [f"  and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
    return EntriesRefusedError(
        "\n".join([f"{images} entries of the dataset {arn} cannot be used:", *told, *more]),
        hint=f"Correct these images or leave them out, then run again; all are in {path}.",
        operation="ListDatasetEntries",
        code="EntriesDropped",
        problems=tuple(problem.sentence for problem in problems),
    )


def _problem_line(problem: EntryProblem) -> str:
    document = {"source-ref": problem.source_ref, "code": problem.code, "told": problem.sentence}
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE).decode()


def _await_rest(arn: str, run: Run) -> str | None:
    """Wait until the dataset can be read and changed; return why it never will be."""
    found = run.until(
        lambda: run.services.rekognition.describe_dataset(arn), DATASET_WORKING, DATASET_PACE
    )
    if found.status in DATASET_USABLE:
        return None
    return f"it is {found.status}: {found.status_message}"


def _images_have_to_go(delta: DatasetDelta) -> str:
    count = len(delta.removed)
    return (
        f"{count} image{'s' if count > 1 else ''} have to go, such as {delta.removed[0]}, and the "
        "service deletes no entry"
    )


def _send(
    delta: DatasetDelta, update: DatasetUpdate, refused: AwsRefusedError | None, run: Run
) -> AwsRefusedError | None:
    """Send what is missing, part by part; return the last refusal for being in use, if any.

    A part that was refused for that may be the repetition of a call whose answer was lost: the
    next look at the entries tells.
    """
    parts = list(chunk_lines(delta.to_send))
    _require_not_repeated(delta, parts[0], update, refused, run)
    run.log.notice(f"The {update.kind} dataset is updated: {delta.text}.")
    run.confirm_lease()
    rekognition = run.services.rekognition
    rekognition.tag(update.arn, {CONTENT_TAG: updating_tag(update.manifest.content_digest)})
    last: AwsRefusedError | None = None
    for part in parts:
        run.confirm_lease()
        _count(part, update, run)
        try:
            rekognition.entries.update(update.arn, part)
        except AwsRefusedError as error:
            if classify(error) is not Failure.IN_USE:
                raise
            last = error
        if _await_rest(update.arn, run) is not None:
            break  # the caller looks again, and tells why
    return last


def _require_not_repeated(
    delta: DatasetDelta,
    part: bytes,
    update: DatasetUpdate,
    refused: AwsRefusedError | None,
    run: Run,
) -> None:
    """Refuse to send the same lines again and again.

    Raises:
        EntriesRefusedError: naming what the dataset does not take.
        AwsRefusedError: something else uses the dataset.
    """
    if _under_way(update, run).sent.get(_digest(part), 0) < _TIMES_SENT:
        return
    run.services.store.delete(_key(update.arn, run))
    if refused is not None:
        raise refused
    require_heeded(update.arn, delta, run)


def _under_way(update: DatasetUpdate, run: Run) -> UpdateUnderWay:
    digest = update.manifest.content_digest
    found = read_record(run.services.store, _key(update.arn, run), UpdateUnderWay)
    if found is not None and found.content_digest == digest:
        return found
    return UpdateUnderWay(content_digest=digest)


def _count(part: bytes, update: DatasetUpdate, run: Run) -> None:
    known, digest = _under_way(update, run), _digest(part)
    sent = known.sent | {digest: known.sent.get(digest, 0) + 1}
    write_record(
        run.services.store,
        _key(update.arn, run),
        UpdateUnderWay(content_digest=known.content_digest, sent=sent),
    )


def _key(arn: str, run: Run) -> str:
    return f"updates/{run.services.backend.identity}/{arn}"


def _digest(part: bytes) -> str:
    return digest_of(part.decode())


def _beating(entries: Iterable[str], run: Run) -> Iterator[str]:
    """Give signs of life while a long list is read."""
    for number, entry in enumerate(entries):
        if number % _ENTRIES_PER_BEAT == 0:
            run.beat()
        yield entry
