"""Who is told of transitions, by a config: sinks that never delay, break or fail a run.

Each sink has a thread of its own, which lives while there is something to tell. So no stop of a
model waits for a webhook, and a slow chat does not keep a topic from being told. What is not told
yet when the command ends gets `SETTLE_SECONDS`, then it is given up.
"""

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from rcl_flow.aws.errors import aws_errors
from rcl_flow.aws.notifications import (
    EventBus,
    Topic,
    events_client,
    parameters_client,
    region_of_topic,
    secrets_client,
    sns_client,
)
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.secrets import Secrets
from rcl_flow.aws.session import make_session
from rcl_flow.clock import Clock, SystemClock
from rcl_flow.config import FlowConfig
from rcl_flow.core.history.transitions import Transition, nobody
from rcl_flow.errors import RclFlowError
from rcl_flow.integrations.webhook import DeliveryError, post_json, require_address
from rcl_flow.pipeline.runs.events import Event, Notice
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.store import StateStore
from rcl_flow.pipeline.telling.announcing import claim_telling, give_back_telling
from rcl_flow.report.transition_text import (
    chat_text,
    plain_text,
    subject_of,
    title_of,
    transition_document,
)
from rcl_flow.wiring.gateways import access_of

SETTLE_SECONDS: Final = 10.0
AGAIN_SECONDS: Final = 1.0
_ATTEMPTS: Final = 2
"""Of a webhook that is busy or broken; one that does not answer is asked once."""
_MOST_WAITING: Final = 1_000

Announce = Callable[[Transition], None]
Send = Callable[[Transition], None]


@dataclass(frozen=True, slots=True)
class Sink:
    """Somebody who is told."""

    name: str
    """The config's field."""
    kinds: frozenset[str] | None
    """Which transitions; None for all."""
    connect: Callable[[], Send]
    """Reaches it, when there is something to tell for the first time."""


@dataclass(frozen=True, slots=True)
class Office:
    """What sinks share."""

    store: StateStore
    emit: Callable[[Event], None]


class Mailbox:
    """One sink's transitions that are still to be told, in order, and the thread that tells."""

    def __init__(self, sink: Sink, office: Office) -> None:
        """Tell `sink`; what fails is told to the office's `emit`, once."""
        self._sink = sink
        self._office = office
        self._waiting: deque[Transition] = deque(maxlen=_MOST_WAITING)
        self._changed = threading.Condition()
        self._at_work = False
        self._send: Send | None = None
        self._has_failed = False

    def put(self, transition: Transition) -> None:
        """Have it told soon; returns at once."""
        if self._sink.kinds is not None and transition.kind not in self._sink.kinds:
            return
        with self._changed:
            self._waiting.append(transition)
            if not self._at_work:
                self._at_work = True
                name = f"rcl-flow tells {self._sink.name}"
                threading.Thread(target=self._work, name=name, daemon=True).start()

    def settle(self, seconds: float) -> bool:
        """Wait until all is told, no longer than `seconds`; say whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._at_work, seconds)

    def _work(self) -> None:
        while (transition := self._next()) is not None:
            self._tell(transition)

    def _next(self) -> Transition | None:
        with self._changed:
            if self._waiting:
                return self._waiting.popleft()
            self._at_work = False
            self._changed.notify_all()
            return None

    def _tell(self, transition: Transition) -> None:
        try:
            if not claim_telling(transition, self._sink.name, self._office.store):
                return
            self._send = self._send or self._sink.connect()
            self._send(transition)
        except DeliveryError as error:
            self._failed(transition, error.why)
        except RclFlowError as error:
            self._failed(transition, error.message)
        except Exception as error:  # noqa: BLE001  # its message may hold the address
            self._failed(transition, type(error).__name__)

    def _failed(self, transition: Transition, why: str) -> None:
        give_back_telling(transition, self._sink.name, self._office.store)
        if not self._has_failed:
            self._has_failed = True
            text = f"notifications.{self._sink.name} was not told of {transition.kind}: {why}."
            self._office.emit(Notice(text))


class Announcer:
    """Tells every sink of every transition that it wants, in the background."""

    def __init__(self, sinks: Sequence[Sink], office: Office) -> None:
        """Tell these sinks; what is left at the end of the process is settled then."""
        self._boxes = tuple(Mailbox(sink, office) for sink in sinks)
        self._is_unsettled = False

    def __call__(self, transition: Transition) -> None:
        """Have all told who want it; returns at once and never raises."""
        if not self._is_unsettled:
            self._is_unsettled = True
            atexit.register(self.settle)
        for box in self._boxes:
            box.put(transition)

    def settle(self, seconds: float = SETTLE_SECONDS) -> bool:
        """Wait until all are told, no longer than about `seconds`; say whether they are."""
        clock = SystemClock()
        began = clock.now()
        left = [
            box.settle(max(0.0, seconds - (clock.now() - began).total_seconds()))
            for box in self._boxes
        ]
        atexit.unregister(self.settle)  # a function's process lives through many runs
        self._is_unsettled = False
        return all(left)


def settle(announce: Announce) -> None:
    """Wait, not long, until all are told: before a watcher is closed or a function is frozen."""
    if isinstance(announce, Announcer):
        announce.settle()


@contextmanager
def settling(announce: Announce) -> Iterator[None]:
    """Settle what was announced in this block when it ends, however it ends."""
    try:
        yield
    finally:
        settle(announce)


def make_announce(
    config: FlowConfig, backend: Backend, store: StateStore, emit: Callable[[Event], None]
) -> Announce:
    """Return what tells of transitions as the config's `notifications` say.

    Args:
        config: names the sinks; their secret addresses are looked for when first needed.
        backend: where topic, bus and secrets are.
        store: where it is noted what was told.
        emit: is told, from another thread, when a sink cannot be told.
    """
    sinks = _sinks(config, backend, SystemClock())
    return Announcer(sinks, Office(store, emit)) if sinks else nobody


def _sinks(config: FlowConfig, backend: Backend, clock: Clock) -> list[Sink]:
    wanted = config.notifications
    kinds = frozenset[str](wanted.transitions)
    sinks: list[Sink] = []
    if wanted.sns_topic_arn is not None:
        topic = wanted.sns_topic_arn
        sinks.append(Sink("sns_topic_arn", kinds, lambda: _topic(topic, backend, clock)))
    if wanted.event_bus is not None:
        bus = wanted.event_bus
        sinks.append(Sink("event_bus", None, lambda: _bus(bus, backend, clock)))
    if wanted.slack is not None:
        slack = wanted.slack
        sinks.append(Sink("slack", kinds, lambda: _slack(slack, backend, clock)))
    if wanted.webhook is not None:
        hook = wanted.webhook
        sinks.append(Sink("webhook", kinds, lambda: _webhook(hook, backend, clock)))
    return sinks


def _topic(arn: str, backend: Backend, clock: Clock) -> Send:
    access, _ = access_of(backend)
    with aws_errors("CreateSession"):
        client = sns_client(make_session(access), access, region_of_topic(arn))
    topic = Topic(client, Caller(clock, attempts=_ATTEMPTS), arn)

    def send(transition: Transition) -> None:
        attributes = {
            "kind": transition.kind,
            "project": transition.project,
            "run_id": transition.run_id,
        }
        topic.publish(subject_of(transition), plain_text(transition), attributes)

    return send


def _bus(name: str, backend: Backend, clock: Clock) -> Send:
    access, _ = access_of(backend)
    with aws_errors("CreateSession"):
        client = events_client(make_session(access), access)
    bus = EventBus(client, Caller(clock, attempts=_ATTEMPTS), name)

    def send(transition: Transition) -> None:
        bus.put(
            title_of(transition.kind),
            transition_document(transition),
            transition.at,
            transition.project_version_arn,
        )

    return send


def _slack(reference: str, backend: Backend, clock: Clock) -> Send:
    address = find_address(reference, backend, clock)
    return lambda transition: _post(address, {"text": chat_text(transition)}, clock)


def _webhook(reference: str, backend: Backend, clock: Clock) -> Send:
    address = find_address(reference, backend, clock)
    return lambda transition: _post(address, transition_document(transition), clock)


def _post(address: str, document: dict[str, object], clock: Clock) -> None:
    try:
        post_json(address, document)
    except DeliveryError as error:
        if not error.again:
            raise
        clock.sleep(AGAIN_SECONDS)
        post_json(address, document)


def find_address(reference: str, backend: Backend, clock: Clock) -> str:
    """Return the address that a reference of the config leads to.

    Args:
        reference: `env:NAME`, `secretsmanager:ID` or `ssm:NAME`.
        backend: where secrets and parameters are.
        clock: for repeated calls.

    Raises:
        DeliveryError: there is none, or it is no https:// address.
        AwsRefusedError: the secret cannot be read.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        found = os.environ.get(name, "")
        if not found:
            raise DeliveryError(f"the environment has no variable {name}")
        return require_address(found)
    access, _ = access_of(backend)
    with aws_errors("CreateSession"):
        session = make_session(access)
        secrets = Secrets(
            secrets_client(session, access),
            parameters_client(session, access),
            Caller(clock, attempts=_ATTEMPTS),
        )
    found = secrets.secret(name) if kind == "secretsmanager" else secrets.parameter(name)
    return require_address(found)
