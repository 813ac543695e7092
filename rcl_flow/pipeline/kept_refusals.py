"""The file that keeps which images the service would not judge, so that none is asked for again."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from rcl_flow.core.predictions import RefusedImage
from rcl_flow.files import append_lines, read_lines
from rcl_flow.pipeline.kept_predictions import predictions_path


def refusals_path(workspace: Path, version_arn: str) -> Path:
    """Return the file that keeps every refusal of a version's model, beside its answers."""
    path = predictions_path(workspace, version_arn)
    return path.with_name(f"{path.stem}-refused.jsonl")


def read_refusals(path: Path) -> dict[str, RefusedImage]:
    """Return the refusals in a file by image digest; lines that are no records are dropped."""
    found: dict[str, RefusedImage] = {}
    for line in read_lines(path):
        try:
            refused = RefusedImage.model_validate_json(line)
        except ValidationError:
            continue
        found[refused.sha256] = refused
    return found


def keep_refusals(refused: Sequence[RefusedImage], path: Path) -> None:
    """Keep refusals in the file.

    Raises:
        LocalFilesError: the file cannot be written.
    """
    if refused:
        append_lines(path, [one.model_dump_json() for one in refused])
