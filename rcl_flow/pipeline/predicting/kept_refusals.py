"""Which images the service would not judge, so that no machine asks for one of them again."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from rcl_flow.core.naming import digest_of
from rcl_flow.core.scoring.predictions import RefusedImage
from rcl_flow.files import append_lines, read_lines
from rcl_flow.pipeline.predicting.kept_predictions import predictions_path
from rcl_flow.pipeline.runs.services import Services

_DIGITS = 16


def refusals_path(workspace: Path, version_arn: str) -> Path:
    """Return the file that keeps every refusal of a version's model, beside its answers."""
    path = predictions_path(workspace, version_arn)
    return path.with_name(f"{path.stem}-refused.jsonl")


def read_refusals(path: Path) -> dict[str, RefusedImage]:
    """Return the refusals in a file by image digest; lines that are no records are dropped."""
    return _parsed(read_lines(path))


def exchange_refusals(version_arn: str, services: Services) -> dict[str, RefusedImage]:
    """Return every known refusal, after giving others this machine's and taking theirs.

    Raises:
        LocalFilesError: the file cannot be written.
        StoreError: the store cannot be read or written.
    """
    path = refusals_path(services.workspace, version_arn)
    local = read_refusals(path)
    if not services.state_is_shared:
        return local
    documents = services.store.below(_shared_prefix(version_arn))
    shared = _parsed(
        line for _, content in documents for line in content.decode(errors="replace").splitlines()
    )
    _share([one for sha256, one in local.items() if sha256 not in shared], version_arn, services)
    news = [one for sha256, one in shared.items() if sha256 not in local]
    if news:
        append_lines(path, _lines(news))
    return shared | local


def keep_refusals(refused: Sequence[RefusedImage], version_arn: str, services: Services) -> None:
    """Keep refusals in the file, and for other machines where the state is shared.

    Raises:
        LocalFilesError: the file cannot be written.
        StoreError: the store cannot be written.
    """
    if refused:
        append_lines(refusals_path(services.workspace, version_arn), _lines(refused))
        _share(refused, version_arn, services)


def _share(refused: Sequence[RefusedImage], version_arn: str, services: Services) -> None:
    if services.state_is_shared and refused:
        lines = _lines(refused)
        key = f"{_shared_prefix(version_arn)}{digest_of(lines)[:_DIGITS]}"
        services.store.put_if_absent(key, "".join(f"{line}\n" for line in lines).encode())


def _shared_prefix(version_arn: str) -> str:
    """Return where they are shared: below the version's answers, and removed with them."""
    return f"predictions/{digest_of([version_arn])[:_DIGITS]}/refused/"


def _lines(refused: Iterable[RefusedImage]) -> list[str]:
    return [one.model_dump_json() for one in refused]


def _parsed(lines: Iterable[str]) -> dict[str, RefusedImage]:
    found: dict[str, RefusedImage] = {}
    for line in lines:
        try:
            refused = RefusedImage.model_validate_json(line)
        except ValidationError:
            continue
        found[refused.sha256] = refused
    return found
