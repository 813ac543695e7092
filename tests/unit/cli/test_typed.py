"""Tests of the command line as it was typed."""

from rcl_flow.cli.typed import typed, typed_command


def test_typed_command_can_be_pasted_while_the_block_lasts() -> None:
    """What a shell would take apart is quoted."""
    with typed(["predict", "flow.yaml", "s3://b/*.jpg", "--yes"]):
        assert typed_command() == "rcl-flow predict flow.yaml 's3://b/*.jpg' --yes"
    assert typed_command() == ""
