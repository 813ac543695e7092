"""Measure and print every figure beside its goal: `make bench`.

`python -m benchmarks --short` is the form that every change has to pass; `python -m benchmarks
uploads audit_images` measures these subjects alone.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure, Form, Subject
from benchmarks.records import as_json, line, table

SUBJECTS = (
    "startup",
    "uploads",
    "inference",
    "many_images",
    "meter",
    "audit_images",
    "audit_recall",
    "audit_false_alarms",
    "near_duplicates",
    "measure_cache",
    "manifests",
    "metrics",
    "detection_metrics",
    "evaluate",
    "executors",
    "control_calls",
    "demo_training",
    "coverage",
    "slices",
    "verdicts",
)
"""Modules of this package, each with a `SUBJECT`, in the order of the table."""
RESULTS = Path(".bench/results")


def subjects(names: Sequence[str], form: Form) -> Iterator[Subject]:
    """Yield the subjects of those names, or all that have the form."""
    for name in names or SUBJECTS:
        subject: Subject = importlib.import_module(f"benchmarks.{name}").SUBJECT
        if names or form == "full" or subject.has_short_form:
            yield subject


def measure(chosen: Iterator[Subject], form: Form) -> dict[str, list[Figure]]:
    """Measure each subject, and print each figure as soon as it is known.

    In the short form a subject that misses a goal is measured once more, and that counts: a machine
    that does other things may blur a ratio once, but what got slower stays so.
    """
    found: dict[str, list[Figure]] = {}
    for subject in chosen:
        found[subject.name] = _figures(subject, form)
        if form == "short" and any(each.is_met is False for each in found[subject.name]):
            found[subject.name] = _figures(subject, form)
    return found


def _figures(subject: Subject, form: Form) -> list[Figure]:
    print(subject.name, flush=True)
    figures = []
    for figure in subject.measure(form):
        figures.append(figure)
        print(line(figure), flush=True)
    return figures


def main() -> int:
    """Return 0, or 1 when the short form misses a goal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[*SUBJECTS, []], metavar="SUBJECT")
    parser.add_argument("--short", action="store_true", help="fail when a goal is missed")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON")
    given = parser.parse_args()
    form: Form = "short" if given.short else "full"
    began_at = datetime.now(UTC)
    found = measure(subjects(given.subjects, form), form)
    given.results.mkdir(parents=True, exist_ok=True)
    path = given.results / f"{began_at:%Y%m%dT%H%M%SZ}-{form}.json"
    path.write_text(json.dumps(as_json(found, form, began_at), indent=1) + "\n")
    missed = [each for figures in found.values() for each in figures if each.is_met is False]
    print(f"\n{table(found)}\n\n{len(missed)} goals missed; all figures: {path}")
    return 1 if missed and given.short else 0


if __name__ == "__main__":
    sys.exit(main())
