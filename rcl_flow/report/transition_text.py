"""A transition in words and as a document: what topics, event buses, chats and webhooks get."""

from typing import Final

from rcl_flow.core.history.transition_kinds import TransitionKind
from rcl_flow.core.history.transitions import Detail, Transition
from rcl_flow.core.naming import digest_of

FORMAT_VERSION: Final = 1
_MOST_CHARACTERS: Final = 2_000
"""Of a sentence: a failed training explains every code, and a message has to stay short."""
_MOST_SUBJECT_CHARACTERS: Final = 99
"""Source: Amazon SNS API reference, Publish: a subject has less than 100 ASCII characters."""
_FIRST_PRINTABLE, _LAST_ASCII = 32, 126


def title_of(kind: TransitionKind) -> str:
    """Return the kind in words, such as `Training Finished`."""
    return kind.replace("-", " ").title()


def identity_of(transition: Transition) -> str:
    """Return 16 hexadecimal digits that are the same however often the transition is replayed.

    Everything counts but the time: the same run that fails again for the same reason has not
    changed its state.
    """
    told = [
        transition.kind,
        transition.project,
        transition.run_id,
        transition.project_version_arn,
        _valid(transition.text),
        _details(transition),
    ]
    return digest_of(told)[:16]


def transition_document(transition: Transition) -> dict[str, object]:
    """Return the transition for a machine; its form has a version."""
    return {
        "format_version": FORMAT_VERSION,
        "id": identity_of(transition),
        "kind": transition.kind,
        "title": title_of(transition.kind),
        "project": transition.project,
        "at": transition.at.isoformat(),
        "text": _short(transition.text),
        "run_id": transition.run_id,
        "project_version_arn": transition.project_version_arn,
        "details": _details(transition),
    }


def subject_of(transition: Transition) -> str:
    """Return a line for a mail's subject: ASCII, on one line, below 100 characters."""
    line = f"rcl-flow: {title_of(transition.kind)}: {transition.project}"
    plain = "".join(c if _FIRST_PRINTABLE <= ord(c) <= _LAST_ASCII else "?" for c in line)
    return plain[:_MOST_SUBJECT_CHARACTERS]


def plain_text(transition: Transition) -> str:
    """Return the transition for people, as plain text of several lines."""
    return "\n".join([_short(transition.text), *_lines(transition)])


def chat_text(transition: Transition) -> str:
    """Return the transition for a chat, in Slack's own markup with its three signs escaped.

    Source: Slack's developer documentation, formatting of message text: `&`, `<` and `>`.
    """
    head = f"*{title_of(transition.kind)}*: {_escaped(transition.project)}"
    lines = [_escaped(_short(transition.text)), *map(_escaped, _lines(transition))]
    return "\n".join([head, *lines])


def _lines(transition: Transition) -> list[str]:
    report = _details(transition).get("report")
    named: list[tuple[str, Detail]] = [
        ("Run", transition.run_id),
        ("Report", report),
        ("Model", transition.project_version_arn),
    ]
    return [f"{name}: {value}" for name, value in named if value]


def _details(transition: Transition) -> dict[str, Detail]:
    return {
        name: _valid(value) if isinstance(value, str) else value
        for name, value in transition.details.items()
    }


def _valid(text: str) -> str:
    """Return text that has a form in UTF-8: a file's name may have none."""
    return text.encode(errors="replace").decode()


def _short(text: str) -> str:
    text = _valid(text)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
