"""The pieces of configs that the documents show are valid."""

import re
from typing import Any, Final

import pytest
import yaml

from rcl_flow.config import FlowConfig, parse_config
from tests.docs.fences import Block, blocks

MINIMAL: Final[dict[str, Any]] = {
    "project": "parts",
    "data": {"holdout": {"folder": "h"}, "train": {"folder": "t"}, "test": {"folder": "s"}},
    "storage": {"bucket": "acme-parts"},
    "safety": {"watchdog_role_arn": "arn:aws:iam::123456789012:role/rcl-flow-watchdog"},
}
"""What a piece may leave to the rest of its config."""
WORKFLOW: Final = re.compile(r"^jobs:|^- run:|^  script:|^# yaml-language-server", re.MULTILINE)


def is_of_a_config(block: Block) -> bool:
    """Say whether a block is for our config; the others are workflows and the like."""
    found = yaml.safe_load(block.text)
    return isinstance(found, dict) and found.keys() <= FlowConfig.model_fields.keys()


def pieces() -> list[Block]:
    """Return the blocks that show a config, or a piece of one."""
    return [block for block in blocks("yaml") if is_of_a_config(block)]


@pytest.mark.parametrize("block", pieces(), ids=lambda one: f"{one.page}:{one.line_number}")
def test_piece_of_a_config_is_valid(block: Block) -> None:
    """With the rest of a config it is what `rcl-flow validate` takes."""
    whole = yaml.safe_dump({**MINIMAL, **yaml.safe_load(block.text)})
    parse_config(whole, environment={"STAGE": "dev"})


def test_blocks_that_show_no_config_are_few() -> None:
    """A piece with a mistyped section is not passed over as something else."""
    others = [block for block in blocks("yaml") if not is_of_a_config(block)]
    assert all(WORKFLOW.search(one.text) for one in others)
