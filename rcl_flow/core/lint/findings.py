"""What lint says, as findings of the audit: one for each code, split and manifest."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from rcl_flow.core.audit.findings import Finding, Place, sort_key
from rcl_flow.core.audit.stating import Scope, found
from rcl_flow.core.label_text import some
from rcl_flow.core.lint import codes
from rcl_flow.core.lint.forecast import Failure
from rcl_flow.core.lint.issues import LineProblem
from rcl_flow.core.lint.manifest_report import ManifestReport
from rcl_flow.core.lint.report import LintReport

DOCS: Final = "docs/07-manifest-errors.md"
MAX_PLACES: Final = 1000
"""Lines that one finding names; its figures count them all."""

_ROUTES: Final = {
    ("manifests",): "a training with the manifests themselves fails",
    ("datasets",): "no training with datasets made of them comes about",
    ("manifests", "datasets"): "no training comes about",
}


def lint_findings(report: LintReport) -> tuple[Finding, ...]:
    """Return everything in a report as findings, errors first."""
    every = [*_failures(report), *line_findings(report.manifests), *_silent(report)]
    return tuple(sorted(every, key=sort_key))


def docs_of_code(code: str) -> str:
    """Return the documentation's section about a code, as page#anchor."""
    return f"{DOCS}#{code.lower()}"


def _failures(report: LintReport) -> Iterator[Finding]:
    manifests: dict[str, ManifestReport] = {each.split: each for each in report.manifests}
    for failure, routes in report.failures.items():
        yield _failure(failure, routes, manifests)
    for manifest in report.manifests:
        told = {failure.code for failure in report.failures}
        for code in manifest.file_codes:
            if code not in told:
                yield _failure(Failure(code, manifest.split), ("manifests",), manifests)


def _failure(
    failure: Failure, routes: tuple[str, ...], manifests: Mapping[str, ManifestReport]
) -> Finding:
    cause, cure = codes.cause_and_cure(failure.code)
    manifest = manifests.get(failure.split, manifests["train"])
    split = "train+test" if failure.split == "both" else failure.split
    return found(
        "manifest-file",
        f"{split}: {failure.code}: {cause}; {_ROUTES[routes]}.",
        _sentence(cure),
        scope=Scope(
            split,
            figures=_figures(manifest),
            places=(Place(uri=manifest.uri, split=manifest.split, note=failure.code),),
        ),
    ).model_copy(update={"docs": docs_of_code(failure.code)})


def line_findings(manifests: Iterable[ManifestReport]) -> Iterator[Finding]:
    """Yield what is wrong with single lines, one finding for each code and manifest."""
    for manifest in manifests:
        groups: dict[str, list[LineProblem]] = defaultdict(list)
        for problem in manifest.problems:
            groups[problem.code].append(problem)
        for code, problems in sorted(groups.items()):
            yield _code(code, manifest, problems)


def _code(code: str, manifest: ManifestReport, problems: list[LineProblem]) -> Finding:
    cause, cure = codes.cause_and_cure(code)
    lines = len({problem.line_number for problem in problems})
    numbers = some(dict.fromkeys(str(problem.line_number) for problem in problems))
    noun = "line" if lines == 1 else "lines"
    return found(
        "manifest-warning" if code in codes.DISPUTED else "manifest-line",
        f"{manifest.split}: {code}: {cause}: {noun} {numbers}; {codes.effect_of(code)}.",
        _sentence(cure),
        scope=Scope(
            manifest.split,
            figures={"lines": lines, "occurrences": len(problems)},
            places=tuple(_place(manifest, problem) for problem in problems[:MAX_PLACES]),
        ),
    ).model_copy(update={"docs": docs_of_code(code)})


def _place(manifest: ManifestReport, problem: LineProblem) -> Place:
    return Place(
        uri=manifest.uri,
        split=manifest.split,
        line_number=problem.line_number,
        note=problem.told,
    )


def _silent(report: LintReport) -> Iterator[Finding]:
    """Yield what neither an import nor a training speaks of, and what concerns no single line."""
    for manifest in report.manifests:
        lines = report.other_format.get(manifest.split, ())
        if lines:
            yield _warning(codes.LINE_OF_OTHER_FORMAT, manifest, f"{len(lines)} lines", lines)
        labels = report.mixed_labels.get(manifest.split, ())
        if labels:
            yield _warning(codes.LABEL_WITH_AND_WITHOUT_BOXES, manifest, some(labels))
    crowded = report.crowded_test_labels()
    if crowded and report.test:
        told = some(f"{label} ({count})" for label, count in crowded.items())
        yield _warning(codes.TOO_MANY_TEST_IMAGES_OF_LABEL, report.test, told)
    if not report.can_distribute and not report.train.file_codes:
        code = "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE"
        images = report.train.tally.images_of_labels().items()
        few = some(f"{label} ({count})" for label, count in images if count == 1)
        yield _warning(code, report.train, few or "there are none")


def _warning(code: str, manifest: ManifestReport, told: str, lines: Iterable[int] = ()) -> Finding:
    cause, cure = codes.cause_and_cure(code)
    numbers = list(lines)
    places = [
        Place(uri=manifest.uri, split=manifest.split, line_number=number, note=code)
        for number in numbers[:MAX_PLACES]
    ]
    return found(
        "manifest-warning",
        f"{manifest.split}: {code}: {cause}: {told}.",
        _sentence(cure),
        scope=Scope(
            manifest.split,
            figures={"lines": len(numbers)} if numbers else {},
            places=tuple(places) or (Place(uri=manifest.uri, split=manifest.split, note=code),),
        ),
    ).model_copy(update={"docs": docs_of_code(code)})


def _figures(manifest: ManifestReport) -> dict[str, float]:
    return {
        "lines": manifest.total_lines,
        "valid_lines": manifest.valid_lines,
        "invalid_lines": manifest.invalid_lines,
        "ignored_lines": manifest.ignored_lines,
        "dropped_lines": manifest.dropped_lines,
    }


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
