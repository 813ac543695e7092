"""Generated and augmented images where only real ones may judge a model (D9, D11)."""

from collections.abc import Iterator

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.stating import Scope, count, found, place_of
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.augmenting.lineage import check_lineage, marked_parents, parse_mark
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.label_text import some


def check(subject: Subject) -> Iterator[Finding]:
    """Check test and holdout; what trains a model may be generated or augmented (D10)."""
    for split in subject.datasets:
        if split.split != "train":
            yield from _synthetic(split, subject)
    yield from _augmented(subject)


def _synthetic(split: Dataset, subject: Subject) -> Iterator[Finding]:
    origins = {
        sha256: measures.origin
        for sha256, measures in subject.evidence.measures.items()
        if measures.origin and not parse_mark(measures.origin)
    }
    made = [image for image in split.distinct() if image.sha256 in origins]
    if made:
        places = tuple(place_of(i, split.split, note=origins[i.sha256]) for i in made)
        yield found(
            "synthetic-image",
            f"{split.split}: {count(made, 'generated image')}, by what the files say: "
            + some(f"{place.uri} ({place.note})" for place in places),
            "Move them to training, or leave them out: only real images tell how a model does in "
            "reality.",
            scope=Scope(split.split, figures={"images": len(made)}, places=places),
        )


def _augmented(subject: Subject) -> Iterator[Finding]:
    marked = marked_parents(subject.evidence.measures)
    problems = check_lineage({**marked, **subject.evidence.parents}, subject.datasets)
    for split in subject.datasets:
        for kind, what in (
            ("augmented", ("augmented image", "augmented images")),
            ("parent", ("original of augmented images", "originals of augmented images")),
        ):
            here = [each for each in problems if (each.split, each.kind) == (split.split, kind)]
            if here:
                relatives = {each.relative_sha256 for each in here}
                where = [s.split for s in subject.datasets if s is split or _has(s, relatives)]
                places = tuple(
                    place_of(each.image, split.split, note=each.relative_sha256) for each in here
                )
                yield found(
                    "augmented-image",
                    f"{split.split}: {count(here, *what)}: " + some(place.uri for place in places),
                    "Remove them: what judges a model is real, and unknown to it in every form.",
                    scope=Scope("+".join(where), figures={"images": len(here)}, places=places),
                )


def _has(split: Dataset, digests: set[str]) -> bool:
    return any(image.sha256 in digests for image in split.images)
