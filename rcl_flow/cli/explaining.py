"""What can be explained: errors, exit codes, rules of the audit, codes of manifests, formats.

The texts have one home, the pages of docs/, which the package brings along.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from textwrap import wrap
from typing import Final

from rcl_flow.cli.command_table import COMMANDS
from rcl_flow.cli.console import FORMAT_VERSION, Console
from rcl_flow.cli.shipped import shipped_text
from rcl_flow.cli.table import terminal_columns
from rcl_flow.core.audit.catalogue import RULES, docs_of
from rcl_flow.core.lint.codes import KNOWN
from rcl_flow.core.lint.findings import docs_of_code
from rcl_flow.core.manual import Section, read_exit_codes, read_sections
from rcl_flow.core.source_kinds import SOURCE_KINDS
from rcl_flow.errors import AwsRefusedError, ConfigError, RclFlowError

ERRORS_PAGE: Final = "docs/errors.md"
FORMATS_PAGE: Final = "docs/08-formats.md"
GROUPS: Final[Mapping[str, str]] = {
    "error": "Errors",
    "exit code": "Exit codes",
    "audit rule": "Rules of the audit",
    "lint code": "Codes of manifests and trainings",
    "format": "Formats of labelled images",
}
_NEAR: Final = 3
_CUTOFF: Final = 0.7
_BY_SLUG: Final = "`rcl-flow explain SLUG` with the word in brackets that was printed."
_FIXED: Final = ("**fixed**", "fixed by `rcl-flow lint --fix`")
"""How a page about manifests marks what needs no decision, and what that means elsewhere."""
_AWS_CODES: Final = re.compile(r"`(\w+)…`")
"""How the page about refusals names those of AWS's codes that begin alike."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One thing that the program prints a name of, and what is known of it."""

    name: str
    """A slug, a rule, a code, a format, or an exit code's number."""
    kind: str
    """One of the keys of `GROUPS`."""
    section: Section
    page: str
    """The page and the anchor."""
    title: str = ""
    """In few words; else the first sentence tells."""
    severity: str = ""
    """What a finding is unless the config says otherwise."""
    exit_code: int | None = None
    errors: tuple["Explanation", ...] = ()
    """Those that end with this exit code."""

    @property
    def short(self) -> str:
        """What it is, for a list."""
        return self.title or self.section.short

    def document(self) -> dict[str, object]:
        """Return it for a machine; what the page does not part is empty."""
        return {
            "name": self.name,
            "kind": self.kind,
            "exit_code": self.exit_code,
            "severity": self.severity,
            "title": self.short,
            "meaning": self.section.meaning,
            "why": self.section.why,
            "looks_like": self.section.looks_like,
            "what_to_do": self.section.what_to_do,
            "errors": [error.name for error in self.errors],
            "page": self.page,
        }


def drive_explain(name: str | None, console: Console) -> None:
    """Print what a name means, or everything that has a name.

    Raises:
        ConfigError: nothing has that name.
    """
    known = explanations()
    if name is None:
        console.result("\n".join(_listed(known)))
        told = [each.document() for each in known]
        console.document({"format_version": FORMAT_VERSION, "explanations": told})
        return
    found = _find(name, known)
    console.result("\n".join(_told(found)))
    console.document({"format_version": FORMAT_VERSION, **found.document()})


def explanations() -> tuple[Explanation, ...]:
    """Return all of them, in the order of their groups."""
    page = shipped_text(ERRORS_PAGE)
    errors = _errors(page)
    return (*errors, *_exit_codes(page, errors), *_rules(), *_codes(), *_formats())


def error_kinds(root: type[RclFlowError] = RclFlowError) -> Iterator[type[RclFlowError]]:
    """Yield each class of the error tree below its root, a branch after its parent."""
    for child in root.__subclasses__():
        yield child
        yield from error_kinds(child)


def _errors(page: str) -> tuple[Explanation, ...]:
    sections = read_sections(page)
    kinds = sorted(error_kinds(), key=lambda kind: kind.exit_code)
    return tuple(
        Explanation(
            kind.slug,
            "error",
            sections[kind.slug],
            f"{ERRORS_PAGE}#{kind.slug}",
            exit_code=kind.exit_code,
        )
        for kind in kinds
    )


def _exit_codes(page: str, errors: Sequence[Explanation]) -> Iterator[Explanation]:
    for code, meaning in read_exit_codes(page).items():
        ending = tuple(error for error in errors if error.exit_code == code)
        section = _ended(f"{meaning[:1].upper()}{meaning[1:]}.", ending)
        yield Explanation(
            str(code), "exit code", section, ERRORS_PAGE, exit_code=code, errors=ending
        )


def _ended(meaning: str, errors: Sequence[Explanation]) -> Section:
    """Say of an exit code what its only error says, or that the slug tells more."""
    if len(errors) == 1:
        return replace(errors[0].section, meaning=meaning)
    return Section(meaning, what_to_do=_BY_SLUG if errors else "")


def _rules() -> Iterator[Explanation]:
    sections = read_sections(_page(docs_of("")))
    for rule, about in RULES.items():
        yield Explanation(
            rule,
            "audit rule",
            sections[rule],
            docs_of(rule),
            title=f"{about.title}.",
            severity=about.severity,
        )


def _codes() -> Iterator[Explanation]:
    sections = read_sections(_page(docs_of_code("")).replace(*_FIXED))
    for code in sorted(KNOWN):
        yield Explanation(code, "lint code", sections[code], docs_of_code(code))


def _formats() -> Iterator[Explanation]:
    sections = read_sections(_page(FORMATS_PAGE))
    for name in SOURCE_KINDS:
        yield Explanation(name, "format", sections[name], f"{FORMATS_PAGE}#{name}")


def _page(place: str) -> str:
    return shipped_text(place.partition("#")[0])


def _find(name: str, known: Sequence[Explanation]) -> Explanation:
    """Look a name up, however it was copied: in brackets, quoted, in capitals or not."""
    wanted = name.strip("[]'\"`:., ").lower()
    by_name = {each.name.lower(): each for each in known}
    if wanted in by_name:
        return by_name[wanted]
    refused = by_name[AwsRefusedError.slug]
    for code in _AWS_CODES.findall(refused.section.what_to_do):
        if wanted.startswith(code.lower()):
            return refused
    if wanted in COMMANDS:
        raise ConfigError(
            f"{wanted} is a command, which no page explains by its name.",
            hint=f"`rcl-flow {wanted} --help` says what it does.",
        )
    near = get_close_matches(wanted, by_name, n=_NEAR, cutoff=_CUTOFF)
    meant = f"; did you mean {' or '.join(by_name[each].name for each in near)}?" if near else "."
    raise ConfigError(
        f"Nothing that rcl-flow prints has the name {name!r}{meant}",
        hint="`rcl-flow explain` lists every name.",
    )


def _listed(known: Sequence[Explanation]) -> Iterator[str]:
    for kind, group in GROUPS.items():
        yield f"{group}:"
        for each in known:
            if each.kind == kind:
                yield from _wrapped(f"  {each.name}: {each.short}", indent="      ")
        yield ""
    yield "`rcl-flow explain NAME` tells what one means, and what to do."


def _told(found: Explanation) -> Iterator[str]:
    yield f"{found.name} ({', '.join(_qualities(found))})"
    yield from _block("", found.title)
    yield from _block("", found.section.meaning)
    if found.errors:
        yield from _block("", "It is the exit code of:")
    for error in found.errors:
        yield from _wrapped(f"- {error.name}: {error.short}", indent="  ")
    yield from _block("Why: ", found.section.why)
    yield from _block("Looks like: ", found.section.looks_like)
    yield from _block("What to do: ", found.section.what_to_do)
    yield ""
    yield f"Page: {found.page}"


def _qualities(found: Explanation) -> Iterator[str]:
    yield found.kind
    if found.severity:
        yield found.severity
    if found.kind == "error":
        yield f"exit code {found.exit_code}"


def _block(label: str, text: str) -> Iterator[str]:
    for paragraph in f"{label}{text}".split("\n\n") if text else ():
        item = paragraph.startswith("- ")
        if not item:
            yield ""
        yield from _wrapped(paragraph, indent="  " if item else "")


def _wrapped(text: str, *, indent: str) -> list[str]:
    return wrap(
        text,
        terminal_columns(),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
