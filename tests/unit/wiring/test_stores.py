"""Tests of opening the store of a workspace."""

from pathlib import Path

import pytest

from rcl_flow.errors import UnknownRunError
from rcl_flow.wiring.stores import open_store


def test_workspace_without_runs_says_where_they_may_be(tmp_path: Path) -> None:
    """In another folder, nowhere yet, or in a bucket that only a run here makes known."""
    with pytest.raises(UnknownRunError, match="There are no runs in the workspace") as caught:
        open_store(tmp_path)
    for words in ("`--workspace`", "run a config first", "`state.store: s3`, run it here once"):
        assert words in caught.value.hint
