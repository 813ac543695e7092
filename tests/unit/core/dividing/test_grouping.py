"""Tests of groups of images that no split parts."""

import pytest
from pydantic import ValidationError

from rcl_flow.core.dividing.grouping import GroupEvidence, GroupRules, group_images
from rcl_flow.core.measures import ImageMeasures
from tests.builders import image, sha256_of
from tests.unit.core.audit.measured import measures

PLAIN = GroupRules()
NOTHING = GroupEvidence()


def groups(
    *uris: str, rules: GroupRules = PLAIN, evidence: GroupEvidence = NOTHING
) -> list[set[str]]:
    """Return which of these images, each of other content, are grouped."""
    images = [image(uri, uri=uri) for uri in uris]
    return [{i.uri for i in group.images} for group in group_images(images, rules, evidence)]


def shot(moment: str, camera: str = "Maker One") -> ImageMeasures:
    """Return the measures of a photograph of that time."""
    return measures(captured_at=f"2026:05:01 {moment}", camera=camera)


def test_images_are_alone_when_nothing_links_them() -> None:
    """Without rules, each content is a group of its own."""
    assert len(groups("a", "b", "c")) == 3


def test_copies_of_one_content_are_one_group() -> None:
    """The same bytes under two paths cannot be in two splits."""
    copies = [image("same", uri="x/1.png"), image("same", uri="y/2.png")]
    (group,) = group_images(copies, GroupRules())
    assert group.digests == (sha256_of("same"),)
    assert len(group.images) == 2


def test_path_pattern_groups_by_the_text_it_finds() -> None:
    """Without captured groups the whole match is the name; what does not match is alone."""
    found = groups("cat/s1-a.png", "dog/s1-b.png", "dog/s2-a.png", "x/a.png", rules=by(r"s\d+"))
    assert {"cat/s1-a.png", "dog/s1-b.png"} in found
    assert len(found) == 3


def test_path_pattern_groups_by_what_it_captures() -> None:
    """Only the captured text counts, not what surrounds it."""
    found = groups("a/p7_front.png", "b/p7_back.png", rules=by(r"(p\d+)_(?:front|back)"))
    assert len(found) == 1


def test_path_pattern_starts_below_the_source() -> None:
    """The folders above the source say nothing of its images."""
    evidence = GroupEvidence(root="/home/session1/")
    found = groups(
        "/home/session1/a.png",
        "/home/session1/b.png",
        rules=by(r"session\d"),
        evidence=evidence,
    )
    assert len(found) == 2


def test_copies_join_the_groups_of_all_their_paths() -> None:
    """A picture that two sessions share makes one group of both."""
    images = [
        image("a", uri="s1/a"),
        image("shared", uri="s1/x"),
        image("shared", uri="s2/x"),
        image("b", uri="s2/b"),
    ]
    assert len(group_images(images, by(r"s\d"))) == 1


def test_bursts_are_chained_by_the_time_between_neighbours() -> None:
    """Three pictures, two seconds apart each, are one burst of two seconds."""
    taken = {"a": "10:00:00", "b": "10:00:02", "c": "10:00:04", "d": "10:00:07"}
    evidence = GroupEvidence(measures={sha256_of(n): shot(t) for n, t in taken.items()})
    assert groups("a", "b", "c", "d", rules=GroupRules(burst_seconds=2), evidence=evidence) in (
        [{"a", "b", "c"}, {"d"}],
        [{"d"}, {"a", "b", "c"}],
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (shot("10:00:00"), shot("10:00:00", camera="Maker Two")),
        (shot("10:00:00", camera=""), shot("10:00:00", camera="")),
        (measures(camera="Maker One"), measures(camera="Maker One")),
        (measures(captured_at="0000:00:00 00:00:00", camera="M"),) * 2,
    ],
    ids=["other camera", "no camera", "no time", "no real time"],
)
def test_pictures_are_no_burst_without_the_same_camera_and_a_time(
    first: ImageMeasures, second: ImageMeasures
) -> None:
    """What EXIF does not say links nothing."""
    known = {sha256_of("a"): first, sha256_of("b"): second}
    evidence = GroupEvidence(measures=known)
    assert len(groups("a", "b", rules=GroupRules(burst_seconds=9), evidence=evidence)) == 2


def test_near_duplicates_are_chained() -> None:
    """The first and the last of a chain of near duplicates are one group."""
    near = [(sha256_of("a"), sha256_of("b")), (sha256_of("b"), sha256_of("c"))]
    assert groups("a", "b", "c", evidence=GroupEvidence(near_pairs=near)) == [{"a", "b", "c"}]


def test_augmented_images_join_their_parent_and_each_other() -> None:
    """Brothers are one group even when the picture they were made of is not there."""
    parents = {sha256_of(child): sha256_of("gone") for child in ("a", "b")}
    parents[sha256_of("c")] = sha256_of("d")
    found = groups("a", "b", "c", "d", evidence=GroupEvidence(parents=parents))
    assert {"a", "b"} in found
    assert {"c", "d"} in found


def test_pattern_that_is_no_regular_expression_is_refused() -> None:
    """A mistyped pattern is told, and where it breaks."""
    with pytest.raises(ValidationError, match="is not a regular expression"):
        by("(")


def by(pattern: str) -> GroupRules:
    """Return rules that group by a path pattern."""
    return GroupRules(path_pattern=pattern)
