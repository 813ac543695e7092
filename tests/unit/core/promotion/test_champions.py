"""Tests of who was champion when, by the history of decisions."""

from datetime import UTC, datetime

import pytest

from rcl_flow.core.promotion.champions import (
    ChampionEvent,
    EventKind,
    is_rolled_back,
    loss_since_best,
    past_champions,
)
from rcl_flow.core.promotion.promotion import PairedFigures

AT = datetime(2026, 11, 30, tzinfo=UTC)


def event(number: int, kind: EventKind, model: str, before: str = "") -> ChampionEvent:
    """Return a decision about a model."""
    return ChampionEvent(
        number=number,
        kind=kind,
        at=AT,
        by="host",
        run_id=f"run-{model}",
        project_version_arn=model,
        before_arn=before,
    )


def held(*events: ChampionEvent) -> list[str]:
    """Return the models that held the place, the present one last."""
    return [each.project_version_arn for each in past_champions(events)]


PROMOTED = tuple(event(n, "promoted", model) for n, model in enumerate("abc", 1))


def test_last_promoted_is_the_champion_whatever_was_kept_since() -> None:
    """A challenger that was not taken changes nothing."""
    assert held(*PROMOTED, event(4, "kept", "d")) == ["a", "b", "c"]
    assert held() == []


def test_rollback_takes_models_off_and_a_second_goes_on_from_there() -> None:
    """It never swings back to what was just given up."""
    back = event(4, "rolled back", "b", before="c")
    assert held(*PROMOTED, back) == ["a", "b"]
    assert held(*PROMOTED, back, event(5, "rolled back", "a", before="b")) == ["a"]
    assert held(*PROMOTED, event(4, "rolled back", "a", before="c")) == ["a"]


def test_order_is_by_number() -> None:
    """However the store lists them."""
    assert held(*reversed(PROMOTED)) == ["a", "b", "c"]


def test_rollback_to_a_model_that_was_taken_off_puts_it_on_top() -> None:
    """From b a person may go forward to c again."""
    events = (*PROMOTED, event(4, "rolled back", "b", before="c"))
    assert held(*events, event(5, "rolled back", "c", before="b")) == ["a", "b", "c"]


def test_model_that_was_rolled_back_is_known_until_somebody_puts_it_back() -> None:
    """So that no retraining promotes again what a person took off."""
    events = (*PROMOTED, event(4, "rolled back", "b", before="c"))
    assert is_rolled_back(events, "c")
    assert not is_rolled_back(events, "b")
    assert is_rolled_back((*events, event(5, "kept", "c")), "c")
    assert not is_rolled_back((*events, event(5, "promoted", "c")), "c")


def lost(number: int, model: str, f1: float, *, by_hand: bool = False) -> ChampionEvent:
    """Return a promotion with a paired change of the F1."""
    paired = PairedFigures(
        images=500,
        champion_f1=0.9,
        challenger_f1=0.9 + f1,
        f1=f1,
        interval=(f1 - 0.008, f1 + 0.008),
        confidence_level=0.95,
        max_loss=0.02,
    )
    return event(number, "promoted", model).model_copy(
        update={"paired": paired, "by_hand": by_hand}
    )


def test_losses_of_a_chain_of_promotions_are_added_up() -> None:
    """Each is within the margin; together they are not."""
    chain = [event(1, "promoted", "a"), *(lost(n, f"m{n}", -0.011) for n in range(2, 5))]
    assert loss_since_best(chain) == pytest.approx(0.033)
    assert loss_since_best(reversed(chain)) == pytest.approx(0.033)
    better = [*chain, lost(5, "better", 0.05)]
    assert loss_since_best(better) == 0
    assert loss_since_best([*better, lost(6, "then", -0.01)]) == pytest.approx(0.01)
    assert loss_since_best(()) == 0


def test_what_a_person_chose_begins_a_new_chain_and_what_was_kept_is_no_part_of_it() -> None:
    """Only what took the place counts."""
    chain = [lost(1, "a", -0.01), event(2, "kept", "b"), lost(3, "c", -0.01)]
    assert loss_since_best(chain) == pytest.approx(0.02)
    assert loss_since_best([*chain, lost(4, "d", -0.01, by_hand=True)]) == 0
