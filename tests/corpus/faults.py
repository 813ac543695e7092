"""All faults that can be planted, in groups that do not disturb one another."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rcl_flow.core.audit.rules import AuditRules
from rcl_flow.core.datasets.dataset import Task
from tests.corpus import box_faults, copy_faults, file_faults, label_faults, look_faults
from tests.corpus.corpora import Corpus, Expected, clean_corpus
from tests.corpus.nearness import expected_near

RULES: Final = AuditRules(recommended_holdout_images=(50, 1000))
"""The defaults, but for the size of the holdout, which a small corpus cannot have."""
NOT_PLANTED: Final[Mapping[str, str]] = {
    "manifest-line": "lint's, which is held against the emulator on generated manifests",
    "manifest-file": "lint's, which is held against the emulator on generated manifests",
    "manifest-warning": "lint's, which is held against the emulator on generated manifests",
    "one-bucket": "a corpus on disk has no bucket",
}
"""Rules without a fault, and why."""
_SIMILAR: Final = ("near-duplicate", "near-conflict", "near-overlap", "turned-overlap")

Fault = Callable[[Corpus], Iterable[Expected]]
"""Changes a corpus, and says what an audit must find of it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Faults that are planted in one corpus, and how it is audited."""

    name: str
    faults: tuple[Fault, ...]
    task: Task = "classification"
    rules: AuditRules = RULES
    region: str = "us-east-1"
    holdout_uses: int = 0
    near: bool = True
    """Whether near duplicates are looked for, which takes long for many images of one picture."""

    @property
    def radius(self) -> int:
        """In how many bits near duplicates may differ."""
        return self.rules.duplicates.near_duplicate_bits

    def plant(self, seed: int) -> tuple[Corpus, list[Expected]]:
        """Return a corpus with these faults, and everything that must be found in it."""
        corpus = clean_corpus(seed, self.task)
        expected = [each for fault in self.faults for each in fault(corpus)]
        return corpus, expected + (expected_near(corpus, self.radius) if self.near else [])


_LARGE: Final = RULES.model_copy(
    update={"severities": dict.fromkeys((*_SIMILAR, "label-shift", "factor-shift"), "off")}
)
"""For thousands of copies of one picture."""

CLEAN: Final = (Group("clean", ()), Group("clean boxes", (), task="detection"))
GROUPS: Final = (
    Group(
        "files",
        (
            file_faults.unusable,
            file_faults.damaged,
            file_faults.animated,
            file_faults.odd_light,
            file_faults.blurred,
            file_faults.flat,
            file_faults.turned_by_exif,
            file_faults.synthetic,
            file_faults.augmented,
        ),
    ),
    Group(
        "copies",
        (
            copy_faults.equal_files,
            copy_faults.near_copies,
            copy_faults.clusters,
            copy_faults.conflicting_copies,
        ),
    ),
    Group(
        "labels",
        (
            label_faults.unlabelled,
            label_faults.unknown_label,
            label_faults.missing_label,
            label_faults.few_images,
            label_faults.long_name,
            label_faults.similar_names,
            label_faults.worn_holdout,
        ),
        holdout_uses=RULES.max_holdout_uses + 1,
    ),
    Group("several labels", (label_faults.always_together, label_faults.small_holdout)),
    Group("many labels", (label_faults.too_many_labels, label_faults.many_labels_on_one)),
    Group("one label", (label_faults.one_label,)),
    Group("no test image", (label_faults.no_negative, label_faults.broken_split)),
    Group("other test labels", (label_faults.other_labels,)),
    Group(
        "large test set",
        (label_faults.large_test_set,),
        rules=_LARGE,
        region="ap-south-1",
        near=False,
    ),
    Group(
        "boxes",
        (
            box_faults.dropped,
            box_faults.tiny_when_scaled,
            box_faults.doubled,
            box_faults.overwide,
            box_faults.loose,
            box_faults.unusable_lines,
        ),
        task="detection",
    ),
    Group("other lines", (box_faults.image_level, box_faults.crowded), task="detection"),
    Group("no boxes", (box_faults.no_boxes,), task="detection"),
    Group("shapes of objects", (look_faults.narrow_objects,), task="detection"),
    Group(
        "narrow labels",
        (
            look_faults.narrow_light,
            look_faults.narrow_background,
            look_faults.narrow_shape,
            look_faults.narrow_variety,
        ),
    ),
    Group("angles", (look_faults.narrow_angle,)),
    Group("a bright label", (look_faults.bright_label,)),
    Group("look-alikes", (look_faults.look_alikes,)),
    Group("a darker holdout", (look_faults.darker_holdout,)),
    Group("a darker label", (look_faults.darker_label,)),
    Group("another mix", (look_faults.other_mix,)),
)
