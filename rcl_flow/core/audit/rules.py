"""The audit's thresholds, and what the config says of single rules: severities and waivers."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rcl_flow.core.audit.catalogue import RuleId
from rcl_flow.core.values import OFF_WITHOUT_QUOTES, Section

RuleSeverity = Annotated[Literal["error", "warning", "note", "off"], OFF_WITHOUT_QUOTES]
ImageCount = Annotated[int, Field(ge=0, le=1_000_000)]
Ratio = Annotated[float, Field(ge=0, le=1)]


class Waiver(Section):
    """A finding that is known and accepted; it is still printed, with its reason."""

    rule: RuleId = Field(description="The rule whose findings are accepted.")
    reason: Annotated[str, StringConstraints(min_length=10, max_length=1000)] = Field(
        description="Why it may stand; printed with every such finding."
    )
    split: Literal["train", "test", "holdout"] | None = Field(
        None, description="Only findings that concern this split."
    )
    label: str | None = Field(None, description="Only findings about this label.")


class DuplicateRules(Section):
    """When two images count as the same picture."""

    near_duplicate_bits: int = Field(
        6,
        ge=0,
        le=16,
        description="Perceptual hashes (64 bits) that differ in at most so many bits are near "
        "duplicates; half of the bits are always set, so the differences are even.",
    )


class FactorRules(Section):
    """When an image is odd, a label narrow, or a split different from another."""

    min_highlight: Ratio = Field(
        0.25, description="An image whose 99th percentile of luma is lower is a dark one."
    )
    max_shadow: Ratio = Field(
        0.42,
        description="An image whose 1st percentile of luma is higher is overexposed, when it has",
    )
    max_bright_share: Ratio = Field(
        0.2, description="more than this share of pixels with a luma above 239 of 255."
    )
    min_sharpness: float = Field(
        20.0,
        ge=0,
        le=1e6,
        description="An image whose finest detail is less than so many percent of the next coarser "
        "one is blurred, when",
    )
    max_blur_ratio: Ratio = Field(
        0.35, description="its sharpness is also below this share of its split's median."
    )
    min_tonal_range: Ratio = Field(
        0.02,
        description="An image with less from the 1st to the 99th percentile of luma shows nothing.",
    )
    min_images: int = Field(
        20,
        ge=5,
        le=1_000_000,
        description="Labels and splits with fewer images are not compared by their factors.",
    )
    false_alarm_rate: float = Field(
        0.01,
        gt=0,
        le=0.5,
        description="The chance that an audit of alike splits reports any difference of them, and "
        "that one of alike labels reports any as narrow.",
    )
    min_shift: Ratio = Field(
        0.2,
        description="A significant difference of two splits matters from this Kolmogorov-Smirnov "
        "distance on.",
    )
    min_spread: Ratio = Field(
        0.25,
        description="A label is narrow in a factor when the range that holds four fifths of its "
        "images holds less than this share of as many other images.",
    )
    max_separation: Ratio = Field(
        0.98,
        description="A factor gives a label away when it alone tells it from the others with this "
        "area under the ROC curve.",
    )
    alike_bits: int = Field(
        10,
        ge=0,
        le=16,
        description="Images of a label whose perceptual hashes (64 bits) differ in at most so many "
        "bits are alike.",
    )
    max_alike_share: Ratio = Field(
        0.5,
        description="A label has few different pictures when a larger share of its images is "
        "like another one.",
    )


class BoxRules(Section):
    """When a box is suspicious."""

    max_area: Ratio = Field(0.95, description="A box of a larger share of the image is over-wide.")
    duplicate_overlap: Ratio = Field(
        0.9, description="Two boxes of one label that overlap (IoU) more are one drawn twice."
    )
    min_boxes: int = Field(
        20,
        ge=5,
        le=1_000_000,
        description="Labels with fewer boxes are not looked through for loose ones.",
    )
    loose_ratio: float = Field(
        8.0,
        gt=1,
        le=1_000_000,
        description="A box is loose when its share of the image is so many times the median of "
        "its label, and",
    )
    loose_sigmas: float = Field(
        5.0,
        gt=0,
        le=1_000_000,
        description="so many robust standard deviations (of the logarithm) above it.",
    )


class TaxonomyRules(Section):
    """When labels are not distinct."""

    min_images_together: int = Field(
        5,
        ge=2,
        le=1_000_000,
        description="Labels that occur together every time, at least so often, are reported.",
    )
    look_alike_share: Ratio = Field(
        0.3,
        description="Two labels look alike when more of their images have the nearest neighbour "
        "in the other one.",
    )


class AuditRules(Section):
    """What the audit looks for, from which figures on, and how serious it is."""

    min_train_images_per_label: int = Field(
        2, ge=1, le=1_000_000, description="Fewer training images of a label are an error."
    )
    recommended_train_images_per_label: int = Field(
        15,
        ge=1,
        le=1_000_000,
        description="Fewer training images of a label are a warning (practice D1).",
    )
    recommended_max_label_ratio: float = Field(
        20.0,
        ge=1,
        le=1_000_000,
        description="A larger ratio of the largest to the smallest label is a warning "
        "(practice D2).",
    )
    recommended_holdout_images: tuple[ImageCount, ImageCount] = Field(
        (500, 1000), description="A holdout outside this range is a warning (practice J3)."
    )
    max_holdout_uses: int = Field(
        20,
        ge=1,
        le=1_000_000,
        description="A holdout that has judged more models is no longer external (practice J3).",
    )
    duplicates: DuplicateRules = DuplicateRules.model_construct()
    factors: FactorRules = FactorRules.model_construct()
    boxes: BoxRules = BoxRules.model_construct()
    taxonomy: TaxonomyRules = TaxonomyRules.model_construct()
    severities: Mapping[RuleId, RuleSeverity] = Field(
        default_factory=dict, description="Another severity for all findings of a rule."
    )
    waivers: tuple[Waiver, ...] = Field(
        (), description="Findings that are accepted, each with a reason."
    )
