"""Tests of the split that the service makes itself."""

from rcl_flow.emulator.data.split import choose_test_images


def test_split_takes_a_fifth_of_each_label() -> None:
    """The test set is stratified, with at least one image per label."""
    labels_of = {n: ["common" if n < 40 else "rare"] for n in range(42)}
    chosen = choose_test_images(labels_of, seed="s") or set()
    assert sum(n < 40 for n in chosen) == 8
    assert sum(n >= 40 for n in chosen) == 1


def test_split_depends_on_its_seed_alone() -> None:
    """The same version is always split the same way, another one otherwise."""
    labels_of = {n: ["x", "y"][n % 2 :][:1] for n in range(100)}
    assert choose_test_images(labels_of, seed="a") == choose_test_images(labels_of, seed="a")
    assert choose_test_images(labels_of, seed="a") != choose_test_images(labels_of, seed="b")


def test_split_leaves_each_label_in_the_training_set() -> None:
    """An image that holds the last of a label stays, even if another label wants it."""
    labels_of = {0: ["a", "b"], 1: ["a", "b"], 2: ["a", "c"], 3: ["c"]}
    chosen = choose_test_images(labels_of, seed="s") or set()
    left = {label for n, labels in labels_of.items() if n not in chosen for label in labels}
    assert left == {"a", "b", "c"}


def test_split_needs_two_images_of_each_label() -> None:
    """A label of one image cannot be both trained and tested."""
    assert choose_test_images({0: ["a"], 1: ["a"], 2: ["b"]}, seed="s") is None
    assert choose_test_images({}, seed="s") is None
