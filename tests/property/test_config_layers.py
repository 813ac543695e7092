"""Laws of laying one config over another, and of variables in it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.config.interpolation import interpolate
from rcl_flow.config.overlays import merge
from rcl_flow.core.variables import escaped

leaves = st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)
sections = st.sampled_from(["aws", "data", "tags"])
fields = st.sampled_from(["a", "b", "c"])
# as in a config, a name stands for a section everywhere, or for a value everywhere
flat = st.dictionaries(fields, leaves, max_size=3)
trees = st.dictionaries(sections, flat | st.dictionaries(sections, flat, max_size=2), max_size=3)
with_null = st.dictionaries(fields | sections, st.none() | leaves | flat, max_size=5)


@given(trees, trees, trees)
def test_merge_may_be_done_in_any_grouping(one: Any, two: Any, three: Any) -> None:  # noqa: ANN401
    """Where no name is once a section and once a value, only the order of files counts."""
    assert merge(merge(one, two), three) == merge(one, merge(two, three))


@given(trees)
def test_merge_with_nothing_or_itself_changes_nothing(tree: Any) -> None:  # noqa: ANN401
    """An empty overlay, or the same again."""
    assert merge(tree, {}) == merge({}, tree) == merge(tree, tree) == tree


@given(trees, with_null)
def test_merge_has_all_that_the_overlay_says(base: Any, over: Any) -> None:  # noqa: ANN401
    """Its values stand, its nulls are gone, and what it is silent about is the base's."""
    merged = merge(base, over)
    for name, value in over.items():
        if value is None:
            assert name not in merged
        elif not isinstance(value, dict):
            assert merged[name] == value
    assert {name: merged[name] for name in base if name not in over} == {
        name: base[name] for name in base if name not in over
    }


@given(trees, with_null)
def test_merge_is_done_once(base: Any, over: Any) -> None:  # noqa: ANN401
    """The same overlay a second time finds nothing to do."""
    assert merge(merge(base, over), over) == merge(base, over)


@given(st.text(st.sampled_from("${}A:-x"), max_size=12), st.text(max_size=4))
def test_escaped_text_comes_back_whatever_the_environment(text: str, value: str) -> None:
    """Whatever a path looks like, a config can name it."""
    tree, problems = interpolate({"key": [escaped(text)]}, {"A": value, "x": value})
    assert (tree, problems) == ({"key": [text]}, ())


@given(st.text(st.sampled_from("${}A:-x"), max_size=12))
def test_any_text_is_put_together_or_refused(text: str) -> None:
    """With a problem the text is as it was; without one no expression is left that has no sign."""
    tree, problems = interpolate({"key": [text]}, {"A": "a"})
    if problems:
        assert tree == {"key": [text]}
        assert problems[0].path == ("key", "0")
    elif "$${" not in text:
        assert "${" not in str(tree["key"])
