"""Images in which the file's name tells the label: the model may read it from a watermark."""

from collections.abc import Iterator

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.subject import Scope, Subject, count, found, place_of, some


def check(subject: Subject) -> Iterator[Finding]:
    """Look for images of the holdout whose names hold their label."""
    split = subject.datasets.holdout
    named = [
        image
        for image in split.images
        if any(label in image.uri.rpartition("/")[2] for label in image.labels)
    ]
    if named:
        yield found(
            "named-after-label",
            f"{split.split}: {count(named, 'file')} named after the label: "
            + some(image.uri for image in named),
            "Look whether the name is also written in the picture.",
            scope=Scope(split.split, places=tuple(place_of(one, split.split) for one in named)),
        )
