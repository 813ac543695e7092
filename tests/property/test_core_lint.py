"""Laws of lint and of its corrections, over random manifests with faults in all places."""

import io

from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.lint.fixing import fix_lines
from rcl_flow.core.lint.manifest_report import ManifestReport
from rcl_flow.core.lint.manifests import ManifestLinter
from tests.emulator.random_manifests import material
from tests.unit.core.lint.always_fixed import ALWAYS_FIXED

SEEDS = st.integers(min_value=0, max_value=10**9)


def linted(body: bytes) -> ManifestReport:
    """Return what lint says of a manifest."""
    return ManifestLinter("a.manifest").read(io.BytesIO(body)).report()


def fixed(body: bytes) -> bytes:
    """Return the corrected manifest."""
    return b"".join(line.content or b"" for line in fix_lines(io.BytesIO(body)))


@given(SEEDS)
def test_fixing_leaves_nothing_that_it_can_fix(seed: int) -> None:
    """A corrected manifest has none of the codes that are always corrected."""
    found = {problem.code for problem in linted(fixed(material(seed).train)).problems}
    assert not found & ALWAYS_FIXED


@given(SEEDS)
def test_fixing_twice_is_fixing_once(seed: int) -> None:
    """A corrected manifest needs no correction, and stays as it is byte by byte."""
    once = fixed(material(seed).train)
    again = list(fix_lines(io.BytesIO(once)))
    assert [change for line in again for change in line.changes] == []
    assert b"".join(line.content or b"" for line in again) == once


@given(SEEDS)
def test_fixing_loses_no_image_and_adds_no_label(seed: int) -> None:
    """What could be used can still be used, with the same labels, of the same images."""
    before, after = linted(material(seed).train), linted(fixed(material(seed).train))
    assert after.valid_lines >= before.valid_lines
    assert after.tally.images_of_labels().keys() >= before.tally.images_of_labels().keys()
    assert after.invalid_lines <= before.invalid_lines


@given(SEEDS)
def test_counts_of_a_manifest_add_up(seed: int) -> None:
    """Each line is valid, invalid or ignored, and each lost one has a problem that says why."""
    report = linted(material(seed).train)
    counted = report.valid_lines + report.invalid_lines + report.ignored_lines
    assert counted == report.total_lines
    assert report.dropped_invalid_lines <= min(report.dropped_lines, report.invalid_lines)
    told = {problem.line_number for problem in report.problems}
    assert len(told) >= report.invalid_lines + report.ignored_lines


@given(SEEDS, st.integers(min_value=0, max_value=30))
def test_reading_in_parts_is_reading_at_once(seed: int, cut: int) -> None:
    """It does not matter how many lines are given at a time."""
    lines = list(io.BytesIO(material(seed).train))
    parts = ManifestLinter("a.manifest").read(lines[:cut]).read(lines[cut:])
    assert parts.report() == linted(material(seed).train)
