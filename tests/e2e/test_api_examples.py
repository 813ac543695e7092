"""The examples of the public API, in its docstrings and on its page, do what they show."""

import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import rcl_flow
from tests.e2e.bench import Bench

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
OPTIONS = doctest.NORMALIZE_WHITESPACE


def docstrings() -> Iterator[doctest.DocTest]:
    """Yield the examples of the package and of every public name."""
    yield from doctest.DocTestFinder(recurse=False).find(rcl_flow, "rcl_flow", globs={})
    for name in rcl_flow.__all__:
        public = getattr(rcl_flow, name)
        yield from doctest.DocTestFinder().find(public, f"rcl_flow.{name}", module=False, globs={})


def page() -> doctest.DocTest:
    """Return the examples of the page, which go on with one another's names."""
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return doctest.DocTestParser().get_doctest("\n".join(blocks), {}, PAGE.name, str(PAGE), 0)


def failures(example: doctest.DocTest) -> str:
    """Run examples and return what is not as it is shown; empty when all is."""
    told: list[str] = []
    doctest.DocTestRunner(optionflags=OPTIONS).run(example, out=told.append, clear_globs=False)
    return "".join(told)


def test_examples_do_what_they_show(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each example runs as a reader would type it, on one real run, and no public name has none."""
    bench.start_emulator()  # as a run does by itself, but from a process that has loaded it
    bench.config_path.rename(bench.folder / "rcl-flow.yaml")
    monkeypatch.chdir(bench.folder)

    examples = [page(), *docstrings()]

    assert [told for example in examples if (told := failures(example))] == []
    typed = " ".join(each.source for example in examples for each in example.examples)
    assert set(rcl_flow.__all__) - set(re.findall(r"\w+", typed)) == set()
