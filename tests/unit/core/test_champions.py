"""Tests of who was champion when, by the history of decisions."""

from datetime import UTC, datetime

from rcl_flow.core.champions import ChampionEvent, EventKind, is_rolled_back, past_champions

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
