"""Tests of the sentences that reports and the terminal share."""

from dataclasses import replace

import pytest

from rcl_flow.core.cost import Prices
from rcl_flow.core.decision import Keep, Promote, Reason
from rcl_flow.core.scoring.comparison import Comparison, Gap
from rcl_flow.core.scoring.verdict import Verdict
from rcl_flow.report.wording import (
    backend_sentence,
    cost_sentence,
    decision_sentence,
    file_name,
    label_text,
    status_sentence,
    verdict_sentence,
)
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
    """The good case reads as one plain sentence."""
    assert verdict_sentence(with_gap(-0.004, (-0.01, 0.002), "generalises")) == (
        "On 988 unseen images the F1 is 0.986 [0.978, 0.992]; on the service's own test it was "
        "0.990: the model generalises."
    )


def test_verdict_sentence_says_how_far_it_drops() -> None:
    """A fall is told as a positive number with its interval the right way round."""
    assert verdict_sentence(with_gap(-0.12, (-0.16, -0.08), "drops")).endswith(
        ": it drops by 0.120 [0.080, 0.160] on images that it has not seen."
    )


def test_verdict_sentence_asks_for_images_when_inconclusive() -> None:
    """Not knowing is told as such, with the way out."""
    assert verdict_sentence(with_gap(-0.03, (-0.09, 0.02), "inconclusive")).endswith(
        ": inconclusive, since a change of -0.030 [-0.090, +0.020] may or may not matter. Add "
        "holdout images."
    )


def test_verdict_sentence_names_number_of_unjudged_labels() -> None:
    """Labels that the gap leaves out are not passed over in silence."""
    comparison = build_comparison(Scenario(unjudged=("8", "9")))
    assert verdict_sentence(comparison).endswith(
        " 2 labels of the model are not in the holdout and not in the gap."
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
