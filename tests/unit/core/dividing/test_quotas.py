"""Tests of the whole numbers that every split is to get."""

from collections import Counter

from rcl_flow.core.datasets.dataset import Split
from rcl_flow.core.dividing.quotas import make_quotas

SHARES: dict[Split, float] = {"train": 0.7, "test": 0.15, "holdout": 0.15}


def quotas_of(
    labels: dict[str, int], shares: dict[Split, float] = SHARES
) -> dict[Split, Counter[str]]:
    """Return the labels' quotas for so many images of each, one image a group."""
    groups = [Counter({label: 1}) for label, count in labels.items() for _ in range(count)]
    return make_quotas(groups, len(groups), shares).labels


def test_quotas_of_a_large_label_are_its_shares() -> None:
    """Where shares are whole numbers they are kept."""
    found = quotas_of({"a": 100, "b": 20})
    assert [found[split]["a"] for split in SHARES] == [70, 15, 15]
    assert [found[split]["b"] for split in SHARES] == [14, 3, 3]


def test_quotas_round_so_that_the_sum_over_labels_is_kept() -> None:
    """Rounding every label down would make the holdout of many labels too small."""
    found = quotas_of({label: 13 for label in "abcdefghij"})
    assert found["holdout"].total() == 20
    assert set(found["holdout"].values()) == {2}
    assert set(found["train"].values()) == {9}


def test_quotas_leave_the_first_images_of_a_rare_label_to_train() -> None:
    """Two to train on, then one for test, then one for the holdout."""
    rows = {n: [quotas_of({"a": n})[split]["a"] for split in SHARES] for n in range(1, 5)}
    assert rows == {1: [1, 0, 0], 2: [2, 0, 0], 3: [2, 1, 0], 4: [2, 1, 1]}
    even: dict[Split, float] = {"train": 0.2, "test": 0.4, "holdout": 0.4}
    assert quotas_of({"a": 2}, even)["train"]["a"] == 2


def test_quotas_are_only_of_splits_that_are_made() -> None:
    """Without a holdout, train and test have everything."""
    found = quotas_of({"a": 10}, {"train": 0.8, "test": 0.2})
    assert found == {"train": Counter(a=8), "test": Counter(a=2)}


def test_quotas_of_images_add_up() -> None:
    """No image is promised twice or to nobody."""
    quotas = make_quotas([Counter(a=1)] * 7, 7, SHARES)
    assert quotas.images == {"train": 5, "test": 1, "holdout": 1}
