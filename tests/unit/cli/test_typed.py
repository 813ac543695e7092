"""Tests of the command line as it was typed."""

from rcl_flow.cli.typed import is_end_told, note_told_end, typed, typed_command


def test_typed_command_can_be_pasted_while_the_block_lasts() -> None:
    """What a shell would take apart is quoted."""
    with typed(["predict", "flow.yaml", "s3://b/*.jpg", "--yes"]):
        assert typed_command() == "rcl-flow predict flow.yaml 's3://b/*.jpg' --yes"
    assert typed_command() == ""


def test_end_that_was_told_is_remembered_while_the_block_lasts() -> None:
    """The next command of the process has an end of its own."""
    with typed(["run"]):
        assert not is_end_told()
        note_told_end()
        with typed(["status"]):
            assert not is_end_told()
        assert is_end_told()
