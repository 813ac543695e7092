"""Laws of a split: disjoint, complete, groups whole, stable, and fair to each label."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.dividing.grouping import GroupEvidence, group_images
from rcl_flow.core.dividing.quotas import MIN_GROUPS
from rcl_flow.core.dividing.split import SPLITS, SplitDraw, SplitRules, split_images
from tests.builders import image, sha256_of

LABELS = ["a", "b", "c", "d"]
contents = st.integers(0, 9999).map(str)
several = st.dictionaries(contents, st.sets(st.sampled_from(LABELS), max_size=3), max_size=60).map(
    lambda found: [image(content, *names) for content, names in found.items()]
)
single = st.dictionaries(contents, st.sampled_from(LABELS), min_size=1, max_size=120).map(
    lambda found: [image(content, name) for content, name in found.items()]
)
shares = st.sampled_from(
    [
        SplitRules(),
        SplitRules(train=0.5, test=0.25, holdout=0.25),
        SplitRules(train=0.8, test=0.2, holdout=0),
        SplitRules(train=0.34, test=0.33, holdout=0.33),
    ]
)


@st.composite
def pairs(draw: st.DrawFn, images: Sequence[DatasetImage]) -> list[tuple[str, str]]:
    """Return some pairs of near duplicates among the images, and one with an unknown image."""
    digests = [entry.sha256 for entry in images] or [sha256_of("unknown")]
    one = st.tuples(st.sampled_from(digests), st.sampled_from(digests))
    return draw(st.lists(one, max_size=10))


def counts(images: Sequence[DatasetImage], draw: SplitDraw) -> dict[str, Counter[str]]:
    """Return how many images of each label every split has."""
    found: dict[str, Counter[str]] = {split: Counter() for split in SPLITS}
    for entry in images:
        found[draw.plan.splits[entry.sha256]].update(entry.labels)
    return found


@given(several, shares, st.data())
def test_split_holds_every_image_once_and_groups_whole(
    images: list[DatasetImage], rules: SplitRules, data: st.DataObject
) -> None:
    """Every content has one split, and images that belong together have the same."""
    evidence = GroupEvidence(near_pairs=data.draw(pairs(images)))
    plan = split_images(images, rules, evidence).plan
    assert plan.splits.keys() == {entry.sha256 for entry in images}
    for group in group_images(images, rules.groups, evidence):
        assert len({plan.splits[digest] for digest in group.digests}) == 1


@given(several, shares, st.data())
def test_split_is_the_same_whatever_the_order(
    images: list[DatasetImage], rules: SplitRules, data: st.DataObject
) -> None:
    """The order in which a folder is listed decides nothing."""
    found = data.draw(pairs(images))
    first = split_images(images, rules, GroupEvidence(near_pairs=found))
    shuffled = data.draw(st.permutations(images))
    second = split_images(shuffled, rules, GroupEvidence(near_pairs=found[::-1]))
    assert first == second


@given(several, several, shares, st.data())
def test_split_stands_when_images_are_added_or_removed(
    images: list[DatasetImage], more: list[DatasetImage], rules: SplitRules, data: st.DataObject
) -> None:
    """Whatever is added or removed, an image that had a split keeps it."""
    before = split_images(images, rules).plan
    kept = [entry for entry in images if data.draw(st.booleans())]
    evidence = GroupEvidence(near_pairs=data.draw(pairs([*kept, *more])))
    after = split_images([*kept, *more], rules, evidence, existing=before)
    assert before.splits.items() <= after.plan.splits.items()
    held_back = {digest for conflict in after.conflicts for digest in conflict.held_back}
    assert {e.sha256 for e in more} - held_back <= after.plan.splits.keys()
    assert held_back.isdisjoint(after.plan.splits)


def forced(totals: Counter[str], rules: SplitRules) -> dict[str, float]:
    """Return how many images of each label its presence everywhere takes beyond the shares.

    The splits keep their sizes, so that other labels make room for them.
    """
    made = rules.shares(totals.total())
    return {
        label: sum(max(0, min(total, MIN_GROUPS[split]) - made[split] * total) for split in made)
        for label, total in totals.items()
    }


@given(single, shares)
@example(
    [image(str(number), name) for number, name in enumerate("aaaaaaaaaabbcaaaaabb")],
    SplitRules(train=0.34, test=0.33, holdout=0.33),
)
def test_split_keeps_the_proportions_of_every_label(
    images: list[DatasetImage], rules: SplitRules
) -> None:
    """A label is off its share by rounding, and by what the presence of others everywhere needs."""
    found = counts(images, split_images(images, rules))
    totals = Counter(label for entry in images for label in entry.labels)
    taken = forced(totals, rules)
    for split, share in rules.shares(len(images)).items():
        for label, total in totals.items():
            room = 2 + sum(taken.values()) - taken[label]
            assert abs(found[split][label] - share * total) <= room


@given(
    st.lists(st.sets(st.sampled_from(LABELS), min_size=1), min_size=120, max_size=160),
    st.integers(10, 60),
)
def test_split_is_fair_to_every_label_when_images_have_several(
    labels: list[set[str]], wanted: int
) -> None:
    """The holdout has exactly its size, and of each label nearly its share."""
    images = [image(str(number), *names) for number, names in enumerate(labels)]
    draw = split_images(images, SplitRules(holdout_images=wanted))
    found = counts(images, draw)
    assert Counter(draw.plan.splits.values())["holdout"] == wanted
    totals = Counter(label for names in labels for label in names)
    for label, total in totals.items():
        expected = total * wanted / len(images)
        assert abs(found["holdout"][label] - expected) <= 4


@given(single, st.integers(1, 60))
def test_split_makes_a_holdout_of_exactly_the_wanted_size(
    images: list[DatasetImage], wanted: int
) -> None:
    """A holdout of 500 images has 500, not 498, where no label is too small for it."""
    images = [image(f"{label}{number}", label) for label in LABELS for number in range(40)] + images
    found = split_images(images, SplitRules(holdout_images=wanted)).plan
    assert Counter(found.splits.values())["holdout"] == max(wanted, 4)


@given(single, shares)
def test_split_puts_every_label_of_enough_images_everywhere(
    images: list[DatasetImage], rules: SplitRules
) -> None:
    """From four images on, a label is in each of three splits, with two to train on."""
    found = counts(images, split_images(images, rules))
    made = rules.shares(len(images))
    totals = Counter(label for entry in images for label in entry.labels)
    for label, total in totals.items():
        if total > len(made):
            assert all(found[split][label] > 0 for split in made)
            assert found["train"][label] >= 2


@given(several)
def test_split_puts_labels_of_many_images_everywhere_when_images_have_several(
    images: list[DatasetImage],
) -> None:
    """Labels that share images are all judged and all trained."""
    found = counts(images, split_images(images, SplitRules()))
    totals = Counter(label for entry in images for label in entry.labels)
    for label, total in totals.items():
        if total >= 8:
            assert all(found[split][label] > 0 for split in SPLITS)


@given(
    st.lists(st.lists(st.sampled_from(LABELS), min_size=1, max_size=6), min_size=60, max_size=60)
)
def test_split_divides_boxes_and_not_only_images(objects: list[list[str]]) -> None:
    """Of each label's boxes training gets about its share."""
    images = []
    for number, names in enumerate(objects):
        plain = image(str(number), *names)
        boxes = tuple(PixelBox(name, 0, 0, 9, 9) for name in names)
        images.append(DatasetImage(plain.uri, plain.sha256, 1, "PNG", plain.labels, boxes))
    plan = split_images(images, SplitRules()).plan
    totals = Counter(name for names in objects for name in names)
    found = Counter(
        box.label for entry in images if plan.splits[entry.sha256] == "train" for box in entry.boxes
    )
    for label, total in totals.items():
        assert abs(found[label] - 0.7 * total) <= max(8, 0.2 * total)
