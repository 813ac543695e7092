"""Why the score changes from test to holdout: what differs between them, and where it hurts."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from rcl_flow.core.audit.rules import FactorRules
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.scoring.answers import Flags, Indices
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.metrics import Outcomes
from rcl_flow.core.scoring.reason_sentences import ExplainedMix, ExplainedSlice, sentences
from rcl_flow.core.scoring.shifts import (
    FactorShift,
    MixShift,
    Sides,
    certain_parts,
    columns_of,
    factor_shifts,
    mix_shifts,
    part_shares,
    sides_of,
)
from rcl_flow.core.scoring.slice_candidates import (
    Dimension,
    factor_dimensions,
    metadata_dimensions,
)
from rcl_flow.core.scoring.slice_questions import ask, wrong_images
from rcl_flow.core.scoring.slices import Found, Slice, find_slices
from rcl_flow.core.statistics import Draws, holm
from rcl_flow.core.values import Frozen

__all__ = ["FactorShift", "GapReasons", "MixShift", "Slice", "find_reasons"]

_SHOWN: Final = 12
_RULES: Final = FactorRules()


class GapReasons(Frozen):
    """What the data say of the gap; empty where they say nothing."""

    sentences: tuple[str, ...] = ()
    """Only what the tests below support, the most important first."""
    factor_shifts: tuple[FactorShift, ...] = ()
    """The largest distance first."""
    mix_shifts: tuple[MixShift, ...] = ()
    slices: tuple[Slice, ...] = ()
    """The worst first: by the mistakes that would go if it were as good as the rest."""
    compared_images: tuple[int, int] = (0, 0)
    """Images of test and holdout that have measures."""
    looked_at: int = 0
    """How many slices were looked at."""


def find_reasons(material: Material, rules: EvaluationRules) -> GapReasons:
    """Return how test and holdout differ, where the model is worse, and what that explains.

    Args:
        material: the judged model; without test images or measures less can be found.
        rules: the confidence level of slices and intervals, and the margin that does not matter.
    """
    test = Dataset("test", tuple(material.test_images.values()))
    holdout = Dataset("holdout", material.judged.images)
    sides = sides_of(test, holdout, material.measures)
    outcomes = material.answered.outcomes(material.thresholds)
    search = find_slices(_dimensions(material, sides), ask(outcomes, material.task), rules)
    shifts, mix = factor_shifts(sides, _RULES), mix_shifts(test, holdout, _RULES)
    told = sentences(shifts, _explained_mix(mix, outcomes), _explained(search.found, sides))
    return GapReasons(
        sentences=tuple(told),
        factor_shifts=shifts,
        mix_shifts=mix,
        slices=tuple(_slice(found, material, outcomes) for found in search.found),
        compared_images=(len(sides.test.images), len(sides.holdout.images)),
        looked_at=search.looked_at,
    )


def _dimensions(material: Material, sides: Sides) -> list[Dimension]:
    images = material.judged.images
    digests = [image.sha256 for image in images]
    measured = [material.measures.get(digest) for digest in digests]
    factors = factor_dimensions(columns_of(sides.holdout, digests))
    return [*factors, *metadata_dimensions(images, measured)]


def _explained(found: Sequence[Found], sides: Sides) -> list[ExplainedSlice]:
    shares = [part_shares(each, sides, _RULES) for each in found]
    certain = certain_parts(shares, _RULES)
    return [
        ExplainedSlice(each, of_each, rarer)
        for each, of_each, rarer in zip(found, shares, certain, strict=True)
    ]


def _explained_mix(mix: Sequence[MixShift], outcomes: Outcomes) -> list[ExplainedMix]:
    """Test whether images of a label are right less often: Fisher's exact test, Holm over labels.

    A label that the model does not know is always missed, and not the model's fault.
    """
    wrong = wrong_images(outcomes)
    draws = Draws.up_to(len(wrong))
    known = [shift for shift in mix if shift.label in outcomes.labels]
    shown = [outcomes.truth[:, outcomes.labels.index(shift.label)] > 0 for shift in known]
    p_values = [
        draws.at_least(
            int(wrong[rows].sum()),
            things=len(wrong),
            marked=int(wrong.sum()),
            drawn=int(rows.sum()),
        )
        for rows in shown
    ]
    sure = holm(p_values, _RULES.false_alarm_rate)
    return [
        ExplainedMix(shift, fallen, _share(~wrong[rows]), _share(~wrong[~rows]))
        for shift, rows, fallen in zip(known, shown, sure, strict=True)
    ]


def _share(flags: Flags) -> float:
    return float(flags.mean()) if len(flags) else 0.0


def _slice(found: Found, material: Material, outcomes: Outcomes) -> Slice:
    contrast, question = found.contrast, found.question
    extent = found.candidate.extent
    return Slice(
        dimension=found.dimension.name,
        told=found.candidate.told,
        label=question.label,
        images=contrast.images,
        measure=question.measure,
        inside=contrast.inside,
        outside=contrast.outside,
        difference_interval=contrast.interval,
        p_value=found.p_value,
        low=extent.low if extent else None,
        high=extent.high if extent else None,
        sha256s=tuple(_worst(found, material, outcomes)),
    )


def _worst(found: Found, material: Material, outcomes: Outcomes) -> Iterator[str]:
    """Yield the wrong images of a slice: the surest false alarms, or what was missed most."""
    question = found.question
    columns: Indices = (
        np.arange(len(outcomes.labels)) if question.column < 0 else np.array([question.column])
    )
    misses = outcomes.misses[:, columns] > 0
    alarms = outcomes.false_alarms[:, columns] > 0
    kinds = {"recall": misses, "precision": alarms, "right images": misses | alarms}
    wrong = np.flatnonzero(
        kinds[question.measure].any(axis=1) & found.dimension.holds(found.candidate)
    )
    sure = material.labels_answered.confidences_percent[wrong][:, columns].clip(min=0)
    severities = np.maximum(
        np.where(alarms[wrong], sure, 0), np.where(misses[wrong], 100 - sure, 0)
    ).max(axis=1, initial=0)
    for row in wrong[np.argsort(-severities, kind="stable")][:_SHOWN]:
        yield material.judged.images[row].sha256
