"""Pages of audits whose findings and pictures are made up."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from rcl_flow.core.audit.catalogue import Severity
from rcl_flow.core.audit.findings import AuditReport, Finding, Place, sort_key
from rcl_flow.core.audit.stating import Scope, found
from rcl_flow.core.audit.summary import AuditSummary, summarise
from rcl_flow.core.datasets.dataset import Dataset, Datasets, Split
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.report.audit_html import wanted_pictures
from rcl_flow.report.audit_page import AuditPage
from tests.builders import labelled, sha256_of
from tests.unit.core.audit.measured import measures
from tests.unit.report.pages import THUMBNAIL

LABELS = {"cat": 12, "dog": 3}
CREATED = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
REASON = "Digits 6 and 9 turn into each other."


def summary_of(labels: Mapping[str, int] | None = None) -> AuditSummary:
    """Return the summary of three measured splits with that many images of each label."""
    per_label = LABELS if labels is None else labels
    names: tuple[Split, ...] = ("train", "test", "holdout")
    splits = [labelled(split, per_label) for split in names]
    return summarise(Datasets(train=splits[0], test=splits[1], holdout=splits[2]), _seen(splits))


def finding(
    rule: str = "dark-image",
    *,
    places: Sequence[Place] = (),
    label: str = "",
    severity: Severity | None = None,
    waived: str = "",
) -> Finding:
    """Return a finding of a rule, with words of its own."""
    scope = Scope("train", label=label, figures={"images": 3, "limit": 0.1}, places=tuple(places))
    made = found(rule, f"What {rule} says.", f"Do this about {rule}.", scope=scope)
    changes = {"waived": waived, "severity": severity or made.severity}
    return made.model_copy(update=changes)


def single(number: int, split: str = "train", *, note: str = "") -> Place:
    """Return one image as a place."""
    name = f"{split}-{number}"
    return Place(uri=f"images/{name}.png", split=split, sha256=sha256_of(name), note=note)


def pair(number: int, split: str = "train", twin_split: str = "holdout") -> Place:
    """Return a pair of images as a place."""
    name = f"{twin_split}-twin{number}"
    twin = {"twin_uri": f"images/{name}.png", "twin_split": twin_split}
    return single(number, split).model_copy(update=twin | {"twin_sha256": sha256_of(name)})


FINDINGS = (
    finding("split-overlap", places=[pair(n) for n in range(20)]),
    finding("few-images", label="dog"),
    finding("dark-image", places=[single(n, note=f"luma 0.0{n}") for n in range(3)]),
    finding("near-duplicate", places=[pair(1, "train", "train")]),
    finding("turned-overlap", places=[pair(7)], waived=REASON),
)


def page_of(
    findings: Sequence[Finding] = FINDINGS,
    *,
    summary: AuditSummary | None = None,
    picture: str = THUMBNAIL,
    **changes: str,
) -> AuditPage:
    """Return a page in which every wanted picture is there."""
    report = AuditReport(findings=tuple(sorted(findings, key=sort_key)))
    summary = summary or summary_of()
    fields = {"project": "pets", "program_version": "0.1.0"} | changes
    return AuditPage(
        report=report,
        summary=summary,
        created_at=CREATED,
        thumbnails=dict.fromkeys(wanted_pictures(report, summary), picture),
        certificate=("train, test and holdout share no image.",),
        **fields,
    )


def _seen(splits: Sequence[Dataset]) -> dict[str, ImageMeasures]:
    every = [image for split in splits for image in split.images]
    return {
        image.sha256: measures(brightness=number / len(every), sharpness=1.0 + number)
        for number, image in enumerate(every)
    }
