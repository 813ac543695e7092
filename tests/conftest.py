"""What holds for all tests: how many examples are tried, which test is first, what is measured."""

import gc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]

# a busy machine is no failure
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("short", PATIENT, max_examples=40, stateful_step_count=25)
settings.register_profile("thorough", PATIENT, max_examples=400, stateful_step_count=50)
settings.load_profile("short")  # `make slow` takes the other

GARBAGE = 20_000
"""New objects after which garbage is looked for: by default so few that it takes a twelfth of all
time, since everything that was imported and collected is looked through again and again."""

LONGEST = (
    "tests/unit/pipeline/data/test_audit_corpus.py",
    "tests/emulator/learning/test_detector.py",
    "tests/chaos/test_sweep.py",
    "tests/infra/test_weeks.py",
    "tests/e2e/test_run.py",
    "tests/docs/test_commands.py",
    "tests/unit/pipeline/gc/test_collecting.py",
    "tests/infra/test_driver.py",
    "tests/emulator/test_stateful.py",
    "tests/emulator/test_pytest_plugin.py",
)
"""Files with tests that take so long that a worker would be alone with one at the end.

Before all others come those whose tests share what takes long to make: it would be made once more
by each worker that takes over a part of the file.
"""

SIMULATIONS = frozenset(
    {
        "test_few_test_images_a_label_make_no_drop",
        "test_fall_of_ten_points_is_found",
        "test_images_needed_are_never_too_few_to_reckon_with",
        "test_looks_accuse_nobody_where_the_description_tells_nothing",
        "test_no_slice_is_named_where_none_is",
        "test_nothing_is_shared_by_chance_in_most_holdouts",
        "test_objects_are_judged_as_by_pycocotools",
        "test_planted_dark_slice_is_named_first",
        "test_resampling_agrees_with_a_plain_bootstrap",
        "test_search_finds_what_differs_in_as_many_bits_as_allowed_and_no_more",
        "test_shares_raise_no_alarm_on_families_of_alike_splits",
        "test_shift_raises_no_alarm_on_families_of_alike_splits",
        "test_small_test_set_does_not_excuse_a_real_fall",
        "test_spread_raises_no_alarm_on_families_of_clean_sets",
        "test_thresholds_from_the_test_are_no_drop",
        "test_tuned_score_is_not_flattered",
    }
)
"""Tests that execute the same lines a thousand times: which lines, the tests beside them tell."""


def pytest_collection_finish() -> None:
    """Leave what stays to the end out of every search for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first, the others in their order; measure no simulation's coverage."""
    places = {ROOT / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))
    for item in items:
        if getattr(item, "originalname", "") in SIMULATIONS:
            item.add_marker("no_cover")
