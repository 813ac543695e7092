"""Pictures of a screen: production will show the things themselves."""

from collections.abc import Iterator

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.stating import Scope, count, found, place_of
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.label_text import some


def check(subject: Subject) -> Iterator[Finding]:
    """Look for images of the holdout whose names tell that a screen was photographed."""
    split = subject.datasets.holdout
    pictured = [image for image in split.images if "screenshot" in image.uri.lower()]
    if pictured:
        yield found(
            "picture-of-screen",
            f"{split.split}: {count(pictured, 'picture')} of a screen: "
            + some(image.uri for image in pictured),
            "Photograph the things themselves.",
            scope=Scope(split.split, places=tuple(place_of(one, split.split) for one in pictured)),
        )
