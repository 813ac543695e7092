"""Running the AWS CLI, which has an environment of its own."""

from pathlib import Path

import pytest

from tests.e2e.bench import Ended, ended, parent
from tests.e2e.children import ROOT

AWS = ROOT / ".venv-awscli" / "bin" / "aws"
_PYTHON = AWS.with_name("python")

needs_aws_cli = pytest.mark.skipif(
    not AWS.exists(), reason="`make test` installs the AWS CLI into .venv-awscli"
)


def run_aws(folder: Path, environment: dict[str, str], *arguments: str) -> Ended:
    """Run `aws` in `folder`; it is forked from one that has imported itself already."""
    return ended(
        parent("awscli", python=str(_PYTHON)).fork("awscli", arguments, folder, environment)
    )
