"""The champion of a project: an alias in the state store, and the history of what was decided.

The alias is one document that is replaced only where it is still what was read, so that of two who
decide at once one is refused. It holds the newest event, too: the event's own document, which is
never changed, is written after it, and by whoever comes next when that was interrupted.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from rcl_flow.core.promotion.champions import ChampionEvent
from rcl_flow.core.values import Frozen
from rcl_flow.errors import ChampionChangedError, RclFlowError
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.records import read_below, read_record, unreadable_record, write_record
from rcl_flow.pipeline.state.store import StateStore, Stored

if TYPE_CHECKING:  # the history is read without AWS
    from rcl_flow.pipeline.runs.services import Services

_DIGITS: Final = 8
"""Of an event's number in its key, so that keys are in its order."""


class ChampionRecord(Frozen):
    """Which model holds a project's place."""

    project: str
    backend: Backend
    run_id: str = ""
    """The run that judged it; empty while no model was promoted, as is the next."""
    project_version_arn: str = ""
    since: datetime | None = None
    ssm_parameter: str = ""
    """Which parameter holds the ARN, too; empty without one."""
    last: ChampionEvent
    """The newest event."""


class WrittenParameter(Frozen):
    """What a parameter was last made to hold."""

    name: str
    project_version_arn: str


class ParameterOutcome(Frozen):
    """Whether the parameter holds the champion's ARN."""

    name: str
    written: bool
    error: str = ""
    """Why it does not; the next `promote` or `rollback` writes it again."""


@dataclass(frozen=True, slots=True)
class SeenChampion:
    """A project's champion as it was read, to be replaced only where nobody else has."""

    project: str
    record: ChampionRecord | None
    version: str = ""

    @property
    def run_id(self) -> str:
        """The run of the model that holds the place; empty where none does, as is the next."""
        return self.record.run_id if self.record else ""

    @property
    def arn(self) -> str:
        """The model."""
        return self.record.project_version_arn if self.record else ""

    @property
    def next_number(self) -> int:
        """The number of the event that follows."""
        return self.record.last.number + 1 if self.record else 1


def champion_key(identity: str, project: str) -> str:
    """Return the key of a project's champion on one backend."""
    return f"champions/{identity}/{project}"


def find_champion(project: str, services: "Services") -> ChampionRecord | None:
    """Return the project's champion on the services' backend; None where no model holds the place.

    Raises:
        StoreError: the record is not in the form of this version.
    """
    found = see_champion(project, services).record
    return found if found is not None and found.project_version_arn else None


def see_champion(project: str, services: "Services") -> SeenChampion:
    """Return the project's champion as `commit` needs it.

    Raises:
        StoreError: the record is not in the form of this version.
    """
    key = champion_key(services.backend.identity, project)
    stored = services.store.get(key)
    if stored is None:
        return SeenChampion(project, None)
    return SeenChampion(project, _parsed(stored, key), stored.version)


def champions_in(store: StateStore) -> list[ChampionRecord]:
    """Return the champions of every project and backend of the store that can be read."""
    found = read_below(store, "champions/", ChampionRecord)[0]
    return [record for record in found if record.project_version_arn]


def read_events(project: str, identity: str, store: StateStore) -> tuple[ChampionEvent, ...]:
    """Return what was decided about a project's champion on one backend, oldest first.

    What cannot be read is left out; a decision reads the champion's record itself.
    """
    found = {
        e.number: e for e in read_below(store, _events_prefix(identity, project), ChampionEvent)[0]
    }
    for record in read_below(store, champion_key(identity, project), ChampionRecord)[0]:
        if record.project == project:  # the newest event's document may not be written yet
            found.setdefault(record.last.number, record.last)
    return tuple(found[number] for number in sorted(found))


def commit(
    event: ChampionEvent, seen: SeenChampion, services: "Services", parameter: str = ""
) -> ChampionRecord:
    """Enter an event, and with it the champion where it changes; at once or not at all.

    Args:
        event: with the number that follows what was seen.
        seen: what it was decided against.
        services: whose store and backend.
        parameter: the parameter of the config; empty keeps the one that is known.

    Raises:
        ChampionChangedError: somebody else has entered an event since; nothing was changed.
        StoreError: the store cannot be written.
    """
    before = seen.record
    if before is not None:
        _publish(before.last, seen.project, services)  # what an interruption left to do
    known = before or ChampionRecord(project=seen.project, backend=services.backend, last=event)
    changes: dict[str, object] = {"last": event, "backend": services.backend}
    if parameter:
        changes["ssm_parameter"] = parameter
    if event.kind != "kept":
        changes |= {
            "run_id": event.run_id,
            "project_version_arn": event.project_version_arn,
            "since": event.at,
        }
    record = known.model_copy(update=changes)
    _replace(record, seen, services)
    _publish(event, seen.project, services)
    return record


def update_parameter(
    record: ChampionRecord | None, services: "Services", parameter: str = ""
) -> ParameterOutcome | None:
    """Let the parameter hold the champion's ARN where it is not known to; None without either.

    A write that fails changes nothing of the promotion, which is in the store: it is told, and
    made up for by the next call.

    Args:
        record: the champion's.
        services: with what writes parameters.
        parameter: the parameter of the config; empty for the one that is known.
    """
    name = parameter or (record.ssm_parameter if record else "")
    if record is None or not name or not record.project_version_arn:
        return None
    if services.write_parameter is None:
        return ParameterOutcome(
            name=name, written=False, error="No parameters can be written here."
        )
    wanted = WrittenParameter(name=name, project_version_arn=record.project_version_arn)
    key = f"champion-parameters/{services.backend.identity}/{record.project}"
    try:
        if read_record(services.store, key, WrittenParameter) != wanted:
            services.write_parameter(name, wanted.project_version_arn)
            write_record(services.store, key, wanted)
            return _unless_changed(record, services, name)
    except RclFlowError as error:
        return ParameterOutcome(name=name, written=False, error=error.message)
    return ParameterOutcome(name=name, written=True)


def _unless_changed(
    record: ChampionRecord, services: "Services", name: str
) -> ParameterOutcome | None:
    """Write again where somebody else has changed the champion while it was written."""
    now = find_champion(record.project, services)
    if now is None or now.project_version_arn == record.project_version_arn:
        return ParameterOutcome(name=name, written=True)
    return update_parameter(now, services, name)


def _replace(record: ChampionRecord, seen: SeenChampion, services: "Services") -> None:
    store, key = services.store, champion_key(services.backend.identity, seen.project)
    document = record.model_dump_json().encode()
    if seen.record is None:
        written = store.put_if_absent(key, document)
    else:
        written = store.put_if_match(key, document, seen.version)
    if written is None and _now(store, key) != document:  # else its answer was lost
        raise ChampionChangedError(
            f"The champion of {seen.project} was changed by another process in between.",
            hint="Nothing was changed by this one; run the same command again, and it decides "
            "against the champion of now.",
        )


def _now(store: StateStore, key: str) -> bytes:
    stored = store.get(key)
    return stored.document if stored else b""


def _publish(event: ChampionEvent, project: str, services: "Services") -> None:
    key = _event_key(services.backend.identity, project, event.number)
    services.store.put_if_absent(key, event.model_dump_json().encode())


def _event_key(identity: str, project: str, number: int) -> str:
    return f"{_events_prefix(identity, project)}{number:0{_DIGITS}}"


def _events_prefix(identity: str, project: str) -> str:
    return f"promotions/{identity}/{project}/"


def _parsed(stored: Stored, key: str) -> ChampionRecord:
    try:
        return ChampionRecord.model_validate_json(stored.document)
    except ValidationError as error:
        raise unreadable_record(key) from error
