"""Tests of the sentences that reports and the terminal share."""

from dataclasses import replace

import pytest

from rcl_flow.core.costs.cost import Prices
from rcl_flow.core.promotion.decision import Keep, Promote, Reason
from rcl_flow.core.scoring.comparison import Comparison, Gap
from rcl_flow.core.scoring.verdict import Hindrance, Verdict
from rcl_flow.report.wording import (
    backend_sentence,
    cost_sentence,
    decision_sentence,
    file_name,
    gain_text,
    label_text,
    status_sentence,
    verdict_sentence,
)
from tests.unit.report.full_pages import full_page
from tests.unit.report.pages import PROVENANCE, Scenario, build_comparison, build_page


def with_gap(f1: float, interval: tuple[float, float], verdict: Verdict) -> Comparison:
    """Return a comparison with easy scores and the gap given."""
    base = build_comparison(Scenario(labels=("cat", "dog"), test_images=20, holdout_images=20))
    return base.model_copy(
        update={
            "test": base.test.model_copy(update={"f1": 0.99}),
            "holdout": base.holdout.model_copy(
                update={"images": 988, "f1": 0.986, "f1_interval": (0.978, 0.992)}
            ),
            "gap": Gap(f1=f1, interval=interval, verdict=verdict),
        }
    )


def test_verdict_sentence_says_model_generalises() -> None:
    """The good case begins with the good news, and gives both scores."""
    assert verdict_sentence(with_gap(-0.004, (-0.01, 0.002), "generalises")) == (
        "The model generalises: its score holds on images that it has not seen. On 988 unseen "
        "images the F1 is 0.986 [0.978, 0.992]; on the service's own test it was 0.990."
    )


def test_verdict_sentence_says_how_far_it_drops() -> None:
    """A fall is told as a positive number with its interval the right way round."""
    assert verdict_sentence(with_gap(-0.12, (-0.16, -0.08), "drops")).startswith(
        "The score drops by 0.120 [0.080, 0.160]. On 988 unseen images"
    )


@pytest.mark.parametrize(
    ("label_verdict", "other_fall", "told"),
    [
        ("drops", 0.02, ", driven by label 'cat' (0.910 to 0.620)."),
        ("drops", 0.28, ", driven by label 'cat' (0.910 to 0.620)."),
        ("drops", 0.3, ", the most in label 'cat' (0.910 to 0.620)."),
        (
            "inconclusive",
            0.02,
            ", the most in label 'cat' (0.910 to 0.620), which is not certain of this label alone.",
        ),
    ],
)
def test_verdict_sentence_names_the_label_that_drives_the_fall(
    label_verdict: Verdict, other_fall: float, told: str
) -> None:
    """It drives the fall when it is certain and takes most of it; else it is told with care."""
    base = with_gap(-0.12, (-0.16, -0.08), "drops")
    falls = {"cat": (0.29, label_verdict), "dog": (other_fall, "inconclusive")}
    labels = tuple(
        entry.model_copy(
            update={
                "test": entry.test.model_copy(update={"f1": 0.91}),
                "gap": Gap(f1=-falls[entry.label][0], interval=(-0.5, 0.1), verdict=verdict),
            }
        )
        for entry in base.labels
        for verdict in (falls[entry.label][1],)
    )
    gap = base.gap.model_copy(update={"driver": "cat"})
    driven = base.model_copy(update={"labels": labels, "gap": gap})
    assert verdict_sentence(driven).startswith(f"The score drops by 0.120 [0.080, 0.160]{told} On")


def test_verdict_sentence_says_how_many_images_would_settle_it() -> None:
    """Not knowing is told as such, with the way out."""
    unsure = with_gap(-0.03, (-0.09, 0.02), "inconclusive")
    settled = unsure.model_copy(update={"gap": unsure.gap.model_copy(update={"more_images": 1400})})
    assert verdict_sentence(settled).startswith(
        "Inconclusive: a change of -0.030 [-0.090, +0.020] may or may not matter; about 1,400 more "
        "holdout images would settle it. On 988"
    )


@pytest.mark.parametrize(
    ("hindrance", "told"),
    [
        ("", "; not even 100,000 more holdout images would settle it if it stays what it is. On"),
        (
            "small test",
            "; holdout images alone may not settle it, since the test set is small too. On",
        ),
        (
            "flattered test",
            "; the test set is too small to tell, since the service chose the thresholds on it. On",
        ),
        (
            "few images",
            "; the holdout is too small to tell how many more images would settle it. On",
        ),
    ],
)
def test_verdict_sentence_says_what_keeps_a_gap_open(hindrance: Hindrance, told: str) -> None:
    """Where no number of holdout images is known to settle it, the reason is told."""
    unsure = with_gap(-0.03, (-0.09, 0.02), "inconclusive")
    hindered = unsure.gap.model_copy(update={"hindrance": hindrance})
    assert told in verdict_sentence(unsure.model_copy(update={"gap": hindered}))


def test_verdict_sentence_without_a_common_label_measures_no_gap() -> None:
    """No figures of a gap that is none."""
    base = with_gap(0.0, (-1.0, 1.0), "inconclusive")
    gap = base.gap.model_copy(update={"hindrance": "no common label"})
    told = verdict_sentence(base.model_copy(update={"gap": gap}))
    assert told.startswith(
        "No gap can be measured: no label has images in both the test set and the holdout. On 988"
    )
    assert "-1.000" not in told


@pytest.mark.parametrize("verdict", ["generalises", "inconclusive"])
def test_verdict_sentence_names_labels_that_drop_although_the_whole_does_not(
    verdict: Verdict,
) -> None:
    """Many labels that hold do not hide the few that collapse."""
    base = with_gap(-0.004, (-0.01, 0.002), verdict)
    gap = Gap(f1=-0.6, interval=(-0.7, -0.5), verdict="drops", test_f1=0.93)
    labels = (base.labels[0].model_copy(update={"gap": gap}), *base.labels[1:])
    first = verdict_sentence(base.model_copy(update={"labels": labels})).split(" On 988")[0]
    assert first.endswith("; but 1 label drops: 'cat' (0.930 to 0.330).")
    both = tuple(entry.model_copy(update={"gap": gap}) for entry in base.labels)
    assert "; but 2 labels drop: 'cat' (0.930 to 0.330), 'dog' (" in verdict_sentence(
        base.model_copy(update={"labels": both})
    )
    assert "; but" not in verdict_sentence(base)


def test_verdict_sentence_says_when_the_snapshot_gives_another_score() -> None:
    """The service's figure stays, with what its own flags give beside it."""
    base = with_gap(-0.004, (-0.01, 0.002), "generalises")
    test = base.test.model_copy(update={"note": "its own snapshot gives 0.703"})
    assert verdict_sentence(base.model_copy(update={"test": test})).endswith(
        "it was 0.990 (its own snapshot gives 0.703, from which the gap is measured)."
    )


def test_verdict_sentence_tells_what_the_choice_of_thresholds_explains() -> None:
    """A fall that comes from the service's own choice is told, and only where there is one."""
    plain = with_gap(-0.05, (-0.08, -0.02), "generalises")
    fallen = plain.model_copy(update={"gap": plain.gap.model_copy(update={"optimism": 0.0312})})
    risen = plain.model_copy(
        update={"gap": plain.gap.model_copy(update={"optimism": 0.0312, "f1": 0.01})}
    )
    assert verdict_sentence(fallen).endswith(
        " A fall of about 0.031 is to be expected without any harm: the service chose the "
        "thresholds on its test images, which flatters the score there."
    )
    dropped = fallen.model_copy(
        update={"gap": fallen.gap.model_copy(update={"verdict": "drops", "f1": -0.091})}
    )
    assert verdict_sentence(dropped).endswith(
        " Of this, about 0.031 comes from the service choosing thresholds on its test images; the "
        "rest is a real fall."
    )
    assert "flatters" not in verdict_sentence(plain) + verdict_sentence(risen)


def test_verdict_sentence_gives_the_score_at_the_assumed_thresholds_too() -> None:
    """Where other thresholds count, the gap's own score is told beside theirs."""
    base = with_gap(-0.004, (-0.01, 0.002), "generalises")
    assumed = base.holdout.model_copy(update={"f1": 0.97, "f1_interval": (0.96, 0.98)})
    assert (
        "the F1 is 0.986 [0.978, 0.992] at the chosen thresholds, 0.970 [0.960, 0.980] at the "
        "assumed ones; on the service's own test it was 0.990."
    ) in verdict_sentence(base.model_copy(update={"holdout_at_assumed": assumed}))


def test_verdict_sentence_names_number_of_unjudged_labels() -> None:
    """Labels that the gap leaves out are not passed over in silence."""
    comparison = build_comparison(Scenario(unjudged=("8", "9")))
    assert verdict_sentence(comparison).endswith(
        " 2 labels of the model are not in the holdout and not in the gap: '8', '9'."
    )
    untested = comparison.model_copy(update={"untested_labels": tuple("abcdefg")})
    assert verdict_sentence(untested).endswith(
        " 7 labels of the model are not in the test set and not in the gap: 'a', 'b', 'c', 'd', "
        "'e' and 2 more."
    )


def test_decision_sentence_counts_gates_not_reasons() -> None:
    """Two labels below one gate are one gate."""
    label = Reason(gate="min_label_f1", message="Too low.")
    images = Reason(gate="min_holdout_images", message="Too few.")
    assert decision_sentence(Promote()) == "Promote: every gate was passed."
    assert decision_sentence(Keep(reasons=(label, label))) == (
        "Keep what is in production: 1 gate was not passed."
    )
    assert decision_sentence(Keep(reasons=(label, images))) == (
        "Keep what is in production: 2 gates were not passed."
    )


@pytest.mark.parametrize("status", ["RUNNING", "STARTING", "STOPPING", "FAILED"])
def test_status_sentence_says_how_to_stop_what_is_not_stopped(status: str) -> None:
    """Anything but STOPPED comes with the command that stops it."""
    sentence = status_sentence(replace(PROVENANCE, model_status=status))
    assert status in sentence
    assert sentence.endswith(f"rcl-flow stop {PROVENANCE.project_version_arn}")


def test_status_sentence_is_calm_when_stopped() -> None:
    """A stopped model needs nothing."""
    assert status_sentence(PROVENANCE) == "The model was read back as STOPPED: nothing is billing."


def test_sentences_say_that_emulator_is_not_aws() -> None:
    """Nobody can take the emulator's scores or cost for AWS's."""
    emulated = replace(PROVENANCE, backend="emulator")
    cost = build_page().cost
    assert "not of a model that AWS trained" in backend_sentence(emulated)
    assert cost_sentence(cost, Prices(as_of="2026-01-02"), emulated) == (
        "Nothing was paid. The same seconds would cost $2.00 on AWS at the config's prices of "
        "2026-01-02."
    )


def test_sentences_name_region_and_prices_on_aws() -> None:
    """On AWS the cost is an estimate, and says from which prices."""
    assert backend_sentence(PROVENANCE).endswith("in eu-west-1.")
    assert cost_sentence(build_page().cost, Prices(as_of="2026-01-02"), PROVENANCE) == (
        "About $2.00, from the seconds used and the config's prices of 2026-01-02."
    )


@pytest.mark.parametrize(
    ("uri", "name"),
    [("s3://bucket/a/b.png", "b.png"), ("a\\b.png", "b.png"), ("b.png", "b.png")],
)
def test_file_name_is_last_part(uri: str, name: str) -> None:
    """Only the file's own name is shown."""
    assert file_name(uri) == name


def test_label_text_writes_absence() -> None:
    """No label is written as (none)."""
    assert (label_text(""), label_text("cat")) == ("(none)", "cat")


def test_gain_is_told_once() -> None:
    """Advice on thresholds has it in its own words, other advice has not."""
    page = full_page()
    assert page.analysis is not None
    first = page.analysis.advice[0].model_copy(update={"expected_gain": 0.0144})
    assert gain_text(first) == "about +0.014 F1"
    assert gain_text(first.model_copy(update={"told": "Set thresholds: F1 +0.014."})) == ""
    assert gain_text(first.model_copy(update={"expected_gain": None})) == ""
