"""Tests of the page and the sentences of two compared models."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest

from rcl_flow.core.scoring.changed_images import Contender
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.mcnemar import Mcnemar
from rcl_flow.core.scoring.paired import PairedComparison, PairedVerdict, compare_paired
from rcl_flow.report.paired_html import MOST_CARDS, render_paired_html, shown_images
from rcl_flow.report.paired_page import ComparedRun, Kinship, PairedPage
from rcl_flow.report.paired_wording import (
    label_verdict,
    left_out_sentence,
    mcnemar_sentence,
    p_text,
    paired_sentence,
    regression_sentence,
)
from tests.builders import image, prediction
from tests.unit.report.documents import Document
from tests.unit.report.pages import THUMBNAIL

HOSTILE = '<script>alert("x")</script>'
NAMES = (HOSTILE, "dog", "cat & co", "yak")
MOMENT = datetime(2026, 11, 23, 10, 5, tzinfo=UTC)


@cache
def compared(
    images: int = 400, *, first_wrong: int = 60, second_wrong: int = 10
) -> PairedComparison:
    """Return a comparison in which the first and the second model err on images of their own."""
    shown = [image(str(row), NAMES[row % 4]) for row in range(images)]
    contenders = []
    for wrong in (range(first_wrong), range(images - second_wrong, images)):
        answers = [
            prediction(str(row), **{NAMES[(row + (row in wrong)) % 4]: 80.0})
            for row in range(images)
        ]
        judged = Judged(tuple(shown), {one.sha256: one for one in answers})
        contenders.append(Contender(judged, dict.fromkeys(NAMES, 0.5)))
    rules = EvaluationRules(resamples=400)
    return compare_paired(contenders[0], contenders[1], rules, np.random.default_rng(0))


def page(comparison: PairedComparison) -> PairedPage:
    """Return a page of two runs, with a picture of every image."""
    runs = [
        ComparedRun(
            f"20261123T10050{n}-9f2c41aa", "digits", f"arn:{n}", "emulator", MOMENT, (0.35, n / 2)
        )
        for n in (1, 2)
    ]
    return PairedPage(
        comparison=comparison,
        first=runs[0],
        second=runs[1],
        holdout_digest="e1" * 32,
        program_version="0.1.0",
        created_at=MOMENT,
        thumbnails={each.sha256: THUMBNAIL for each in shown_images(comparison)},
    )


def test_page_says_first_which_model_is_better() -> None:
    """The headline is the verdict, below it what has become worse."""
    comparison = compared()
    document = Document(render_paired_html(page(comparison)))
    assert document.text_of("h1") == paired_sentence(comparison)
    assert document.text_of("h1").startswith("The second model is better: its F1 changes by +0.1")
    verdict = document.all("p", **{"class": "verdict"})[0].text
    assert verdict == "No label has become worse with certainty."


def test_page_is_not_green_where_a_label_has_regressed() -> None:
    """Better or alike over all labels, but a label is worse: the colour warns, as the words do."""
    better = compared()
    assert '<header class="headline promote">' in render_paired_html(page(better))
    worse = better.labels[0].model_copy(update={"regressed": True})
    mixed = better.model_copy(update={"labels": (worse, *better.labels[1:])})
    assert '<header class="headline keep">' in render_paired_html(page(mixed))
    lost = mixed.model_copy(update={"verdict": "worse"})
    assert '<header class="headline closed">' in render_paired_html(page(lost))


def test_page_names_runs_and_thresholds_above_the_fold() -> None:
    """Whoever opens two such pages can tell them apart."""
    source = render_paired_html(page(compared()))
    header = source[: source.index("</header>")]
    assert "<code>20261123T100501-9f2c41aa</code>, thresholds 0.350 to 0.500" in header
    assert "<code>20261123T100502-9f2c41aa</code>, thresholds 0.350 to 1.000" in header


def test_difference_has_an_axis_with_values() -> None:
    """Each tick has its change; zero is among them."""
    source = render_paired_html(page(compared()))
    (axis,) = re.findall(r'height="22" aria-hidden="true">(.*?)</svg>', source)
    values = re.findall(r">([^<]+)</text>", axis)
    assert "0.000" in values
    assert len(values) == axis.count("<line") > 2


@pytest.mark.parametrize(
    ("kinship", "told"),
    [
        ("same run", "This is the same run twice: there is nothing to compare."),
        ("same model", "The same model at the second run's thresholds is better: its F1"),
        (
            "same model and thresholds",
            "Both runs judged the same model at the same thresholds: nothing differs but chance.",
        ),
    ],
)
def test_one_model_is_never_called_better_than_itself(kinship: Kinship, told: str) -> None:
    """What differs is named: the thresholds, or nothing."""
    document = Document(render_paired_html(replace(page(compared()), kinship=kinship)))
    assert document.text_of("h1").startswith(told)


def test_difference_below_the_margin_is_told_as_one_that_does_not_matter() -> None:
    """Certain, but small: both are said in one sentence, of all labels and of each."""
    small = compared().model_copy(
        update={"verdict": "worse", "f1": -0.02, "interval": (-0.03, -0.01)}
    )
    assert paired_sentence(small).startswith(
        "The second model is worse, but by less than the margin of 0.050: its F1 changes by -0.020"
    )
    source = render_paired_html(page(small))
    assert "Verdict: <strong>worse, but by less than the margin</strong>" in source
    large = small.model_copy(update={"interval": (-0.06, -0.01)})
    assert "margin" not in paired_sentence(large)
    entry = compared().labels[0].model_copy(update={"regressed": False})
    for interval, verdict in (
        ((-0.03, -0.01), "worse, within the margin"),
        ((-0.06, -0.01), "worse"),
        ((0.01, 0.03), "better, within the margin"),
        ((0.01, 0.06), "better"),
        ((-0.01, 0.06), "none shown"),
    ):
        changed = entry.model_copy(update={"corrected_interval": interval})
        assert label_verdict(changed, 0.05) == verdict


def test_page_has_a_row_for_each_label_that_a_script_can_sort() -> None:
    """The largest fall comes first, with the values to sort by."""
    comparison = compared(first_wrong=10, second_wrong=60)
    document = Document(render_paired_html(page(comparison)))
    (table,) = [each for each in document.all("table") if "data-sortable" in each.attributes]
    assert table.attributes["class"] == "labels"
    named = [each.text for each in document.all("span", **{"class": "label"})]
    assert named == [entry.label for entry in comparison.labels]
    falls = [entry.f1 for entry in comparison.labels]
    assert falls == sorted(falls)
    tags = [each.text for each in document.all("span", **{"class": "tag bad"})]
    assert len(tags) == sum(entry.corrected_interval[1] < 0 for entry in comparison.labels) > 0


def test_page_shows_the_images_that_changed() -> None:
    """Broken and fixed images have a card each, as many as there is room for."""
    comparison = compared()
    source = render_paired_html(page(comparison))
    document = Document(source)
    assert len(document.all("li", **{"class": "card"})) == MOST_CARDS + 10
    assert len(document.all("img")) == MOST_CARDS + 10
    assert "60 images; 48 of them are shown, by label; all are in the JSON file." in source
    assert '<td class="number good">60 fixed</td>' in source


def test_page_without_a_change_says_so() -> None:
    """No card, but a sentence for each of the two lists."""
    document = Document(render_paired_html(page(compared(first_wrong=0, second_wrong=0))))
    assert document.all("li", **{"class": "card"}) == []
    texts = [each.text for each in document.all("p")]
    assert "The models are right on exactly the same images." in texts
    assert sum(text.startswith("No image that the first model judged") for text in texts) == 2


def test_page_loads_nothing_and_runs_no_label() -> None:
    """Labels are text, and the policy admits only the page's own style and script."""
    source = render_paired_html(page(compared()))
    assert HOSTILE not in source
    assert "default-src 'none'" in source
    assert "http" not in source.replace("http-equiv", "")
    assert len(source) < 5_000_000


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        ("better", "The second model is better: its F1 changes by +0.040 [+0.010, +0.070] on the"),
        ("worse", "The second model is worse: its F1 changes by +0.040 [+0.010, +0.070] on the"),
        ("equivalent", "The models are equivalent: the F1 changes by +0.040 [+0.010, +0.070]"),
        ("no difference shown", "No difference is shown: the F1 changes by +0.040 [+0.010, +0.07"),
    ],
)
def test_verdict_is_told_in_words(verdict: PairedVerdict, told: str) -> None:
    """Each verdict has its sentence, with the difference and its interval."""
    changed = compared().model_copy(
        update={"verdict": verdict, "f1": 0.04, "interval": (0.01, 0.07)}
    )
    assert paired_sentence(changed).startswith(told)


def test_regressed_labels_are_named_a_few_of_many() -> None:
    """One by name, many by number."""
    comparison = compared()
    entry = comparison.labels[0].model_copy(update={"regressed": True, "label": "cat"})
    one = comparison.model_copy(update={"labels": (entry,)})
    assert regression_sentence(one) == "1 label has become worse with certainty: 'cat'."
    seven = comparison.model_copy(update={"labels": (entry,) * 7})
    assert regression_sentence(seven).endswith("'cat', 'cat', 'cat', 'cat', 'cat' and 2 more.")


def test_mcnemar_is_told_in_words() -> None:
    """Which model is right where the other is not, and whether that may be chance."""
    test = Mcnemar(
        both_right=80, only_first=2, only_second=12, both_wrong=6, p_value=0.0129, certain=True
    )
    assert mcnemar_sentence(test) == (
        "The second model is right on 12 images on which the first is wrong, and wrong on 2 on "
        "which the first is right: more uneven than chance explains (p = 0.0129, McNemar's exact "
        "test)."
    )
    assert "no more uneven than chance (" in mcnemar_sentence(
        test.model_copy(update={"certain": False})
    )
    assert p_text(0.00001) == "p < 0.0001"


def test_what_is_left_out_is_told() -> None:
    """Labels and images of one model alone, and nothing when there are none."""
    assert left_out_sentence(compared()) == ""
    changed = compared().model_copy(
        update={"only_first_labels": ("emu",), "only_second_labels": ("gnu",), "left_out": 3}
    )
    tuned = compared().model_copy(update={"tuned_on": 296})
    assert left_out_sentence(tuned) == (
        "Left out: 296 images, which a run has used to tune its thresholds."
    )
    assert left_out_sentence(changed) == (
        "Left out: Only the first model knows 'emu'. Only the second model knows 'gnu'. Only one "
        "model judged 3 images."
    )
