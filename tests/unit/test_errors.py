"""Tests of the error tree against the tree that its module draws and the design's exit codes."""

import inspect
import re
import traceback

import pytest

from rcl_flow import errors
from rcl_flow.errors import (
    AwsRefusedError,
    BucketNotFoundError,
    ConfigError,
    DatasetGateError,
    ModelNotStoppedError,
    RclFlowError,
    TrainingFailedError,
)

EVERY = [
    value
    for _, value in inspect.getmembers(errors, inspect.isclass)
    if issubclass(value, RclFlowError)
]
DRAWN = re.findall(r"^[│├└─ ]+(\w+Error)(?: (\d+))? +([a-z-]+)$", errors.__doc__ or "", re.M)


def test_errors_are_all_drawn_in_the_tree() -> None:
    """The drawing at the top of the module shows every class."""
    assert {name for name, _, _ in DRAWN} == {error.__name__ for error in EVERY} - {"RclFlowError"}


@pytest.mark.parametrize(("name", "exit_code", "slug"), DRAWN)
def test_error_is_as_the_tree_draws_it(name: str, exit_code: str, slug: str) -> None:
    """Slug and exit code of the drawing are those of the class; a branch has its parent's code."""
    error = getattr(errors, name)
    assert error.slug == slug
    if exit_code:
        assert error.exit_code == int(exit_code)
    else:
        assert error.exit_code == error.__mro__[1].exit_code


def test_errors_have_slugs_of_their_own() -> None:
    """Each slug leads to one heading."""
    assert len({error.slug for error in EVERY}) == len(EVERY)


def test_exit_codes_are_the_documented_ones() -> None:
    """The codes that scripts rely on: 2 config, 3 gate, 4 AWS, up to 13 emulator."""
    codes = {error.exit_code for error in EVERY if error is not RclFlowError}
    assert codes == {2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13}


def test_error_keeps_message_and_hint() -> None:
    """What happened is the message; what to do is beside it."""
    error = ConfigError("c.yaml:1: wrong.", hint="Correct it.")
    assert (str(error), error.message, error.hint) == (
        "c.yaml:1: wrong.",
        "c.yaml:1: wrong.",
        "Correct it.",
    )


def test_aws_error_keeps_operation_code_and_request() -> None:
    """Enough to find the call in AWS's logs."""
    error = BucketNotFoundError("m", hint="h", operation="HeadBucket", code="404", request_id="r1")
    assert isinstance(error, AwsRefusedError)
    assert (error.operation, error.code, error.request_id) == ("HeadBucket", "404", "r1")


def test_gate_error_keeps_its_findings() -> None:
    """The findings are a tuple, whatever sequence they came in."""
    assert DatasetGateError("m", hint="h", findings=["a", "b"]).findings == ("a", "b")
    assert DatasetGateError("m", hint="h").findings == ()


def test_training_error_keeps_its_explanations() -> None:
    """One sentence for each code."""
    assert TrainingFailedError("m", hint="h", explanations=["a"]).explanations == ("a",)


def test_error_of_a_model_that_runs_names_it() -> None:
    """Whoever reads the error can stop the model by hand."""
    assert ModelNotStoppedError("m", hint="h", project_version_arn="arn").project_version_arn == (
        "arn"
    )


def test_traceback_shows_the_hint() -> None:
    """An error that nobody catches says what to do next, too."""
    error = RclFlowError("There are no runs.", hint="Run one first.")
    assert traceback.format_exception(error)[1:] == ["hint: Run one first.\n"]
