"""Tests of the audit on corpora with planted faults, read from disk as the product reads them."""

import re
from pathlib import Path

import pytest

from rcl_flow.core.audit.auditing import audit_datasets
from rcl_flow.core.audit.catalogue import RULES
from rcl_flow.core.audit.findings import AuditReport
from rcl_flow.core.audit.rules import DuplicateRules, FactorRules
from rcl_flow.core.audit.subject import Evidence
from tests.corpus import copy_faults
from tests.corpus.corpora import SPLITS, Corpus, Expected
from tests.corpus.faults import CLEAN, GROUPS, NOT_PLANTED, Group
from tests.corpus.judged import Auditor, judge
from tests.corpus.nearness import ACROSS, TURNED, expected_near, hashed, overlaps

SEED = 1
COPIES = next(group for group in GROUPS if group.name == "copies")


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    """Return what measures every content once for all tests."""
    return Auditor()


@pytest.fixture(scope="module")
def planted() -> dict[str, tuple[Corpus, list[Expected]]]:
    """Return the corpora of all groups, with what must be found in them."""
    return {group.name: group.plant(SEED) for group in (*CLEAN, *GROUPS)}


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_audit_finds_what_was_planted_and_nothing_else(
    group: Group,
    planted: dict[str, tuple[Corpus, list[Expected]]],
    auditor: Auditor,
    tmp_path: Path,
) -> None:
    """Every fault is found at its place, and no other finding is made."""
    corpus, expected = planted[group.name]
    judgement = judge(auditor.audit(group, corpus, tmp_path), expected, tmp_path)
    assert judgement.missed == []
    assert judgement.made_up == []


@pytest.mark.parametrize("group", CLEAN, ids=lambda group: group.name)
def test_clean_corpus_has_no_finding(
    group: Group,
    planted: dict[str, tuple[Corpus, list[Expected]]],
    auditor: Auditor,
    tmp_path: Path,
) -> None:
    """Nothing is said of what is as it should be."""
    assert auditor.audit(group, planted[group.name][0], tmp_path).findings == ()


def test_every_rule_is_planted_or_has_a_reason(
    planted: dict[str, tuple[Corpus, list[Expected]]],
) -> None:
    """Whoever adds a rule plants its fault, or says why not."""
    rules = {each.rule for _, expected in planted.values() for each in expected}
    assert rules | NOT_PLANTED.keys() == RULES.keys()
    assert not rules & NOT_PLANTED.keys()


@pytest.mark.parametrize("radius", [0, 2, 5, 8, 12, 16])
def test_near_copies_are_those_of_brute_force_at_every_radius(
    radius: int,
    planted: dict[str, tuple[Corpus, list[Expected]]],
    auditor: Auditor,
    tmp_path: Path,
) -> None:
    """All near duplicates and turned copies across splits are named, and no other image."""
    corpus, _ = planted["copies"]
    report = audited_at(radius, corpus, auditor, tmp_path)
    splits = hashed(corpus)
    for one, other in ACROSS:
        near, turned = overlaps(splits[one], splits[other], radius)
        found = [seconds(report, rule, f"{one}+{other}", tmp_path) for rule in OVERLAPS]
        assert found == [near, turned]


@pytest.mark.parametrize("radius", [5, 12])
def test_near_copies_are_named_with_their_nearest(
    radius: int,
    planted: dict[str, tuple[Corpus, list[Expected]]],
    auditor: Auditor,
    tmp_path: Path,
) -> None:
    """The image beside each copy is as near as any, and the distance is the true one."""
    corpus, _ = planted["copies"]
    report = audited_at(radius, corpus, auditor, tmp_path)
    splits = hashed(corpus)
    pairs = 0
    for finding in report.findings:
        if finding.rule not in OVERLAPS:
            continue
        first, second = (splits[name] for name in finding.split.split("+"))
        bits = first.bits_to(second, TURNED if finding.rule == "turned-overlap" else slice(0, 1))
        rows = {each.path: row for row, each in enumerate(first.samples)}
        columns = {each.path: column for column, each in enumerate(second.samples)}
        for place in finding.places:
            column = bits[:, columns[below(place.twin_uri, tmp_path)]]
            told = re.fullmatch(r"(\d+) bits apart", place.note)
            assert told is not None
            assert int(told[1]) == column[rows[below(place.uri, tmp_path)]] == column.min()
            pairs += 1
    assert pairs >= 20


def test_most_copies_are_near_to_their_originals() -> None:
    """So the tests above are about what people do to pictures, not about nothing."""
    corpus, _ = COPIES.plant(SEED)
    splits = hashed(corpus)
    planted_copies = [each for each in corpus.samples if each.name.split("/")[1].startswith("near")]
    found = {file for each in expected_near(corpus, COPIES.radius) for file in each.files}
    assert len(planted_copies) > 4 * len(copy_faults.KINDS)
    assert sum(each.path in found for each in planted_copies) >= 0.9 * len(planted_copies)
    assert all(splits[split].samples for split in SPLITS)


@pytest.mark.parametrize("group", CLEAN, ids=lambda group: group.name)
def test_clean_pictures_are_all_different(
    group: Group, planted: dict[str, tuple[Corpus, list[Expected]]]
) -> None:
    """No two are even alike, in any orientation, so that no chance disturbs the corpora."""
    assert expected_near(planted[group.name][0], FactorRules().alike_bits) == []


def test_missed_and_made_up_findings_are_told(
    planted: dict[str, tuple[Corpus, list[Expected]]], auditor: Auditor, tmp_path: Path
) -> None:
    """The judgement that the tests above rest on can fail, in both directions."""
    corpus, expected = planted["boxes"]
    report = auditor.audit(CLEAN[1], corpus, tmp_path)
    nothing = judge(AuditReport(findings=()), expected, tmp_path)
    assert "box-outside train: train/box-0.jpg" in nothing.missed
    assert nothing.scores["box-outside"].found == 0
    invented = judge(report, [], tmp_path)
    assert "box-outside train: train/box-0.jpg" in invented.made_up
    assert invented.scores["box-outside"].false_alarms == 6


OVERLAPS = ("near-overlap", "turned-overlap")


def audited_at(radius: int, corpus: Corpus, auditor: Auditor, folder: Path) -> AuditReport:
    """Return what an audit with that radius finds."""
    datasets, measures = auditor.read(corpus, folder)
    wider = {"duplicates": DuplicateRules(near_duplicate_bits=radius)}
    rules = COPIES.rules.model_copy(update=wider)
    return audit_datasets(datasets, rules, Evidence(measures=measures))


def seconds(report: AuditReport, rule: str, splits: str, folder: Path) -> set[str]:
    """Return the images of the second split that a rule's findings name."""
    return {
        below(place.twin_uri, folder)
        for finding in report.findings
        if (finding.rule, finding.split) == (rule, splits)
        for place in finding.places
    }


def below(uri: str, folder: Path) -> str:
    """Return a path below the corpus's folder."""
    return Path(uri).relative_to(folder).as_posix()
