"""The file that keeps every answer of a project version, and its share for other machines."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson
from pydantic import ValidationError

from rcl_flow.core.naming import digest_of
from rcl_flow.core.predictions import Prediction
from rcl_flow.files import append_lines, read_lines
from rcl_flow.pipeline.services import Services


def predictions_path(workspace: Path, version_arn: str) -> Path:
    """Return the file that keeps every answer of a version; any run may use it again."""
    return workspace / "predictions" / f"{digest_of([version_arn])[:16]}.jsonl"


def read_predictions(path: Path) -> dict[str, Prediction]:
    """Return the predictions in a file by image digest; lines that are no records are dropped."""
    return _first_of_each(read_lines(path))


def append_predictions(predictions: Sequence[Prediction], path: Path, services: Services) -> None:
    """Keep predictions in the file, and for other machines where the state is shared.

    Raises:
        LocalFilesError: the file cannot be written.
        StoreError: the store cannot be written.
    """
    lines = [_as_line(prediction) for prediction in predictions]
    append_lines(path, lines)
    _share(lines, path, services)


def known_predictions(path: Path, services: Services) -> dict[str, Prediction]:
    """Return every answer that this machine, or another one that shares the state, has got."""
    shared = _shared_predictions(path, services) if services.state_is_shared else {}
    return shared | read_predictions(path)


def exchange_predictions(path: Path, services: Services) -> dict[str, Prediction]:
    """Return every known answer, after giving others this machine's and taking theirs.

    Raises:
        LocalFilesError: the file cannot be written.
        StoreError: the store cannot be read or written.
    """
    local = read_predictions(path)
    if not services.state_is_shared:
        return local
    shared = _shared_predictions(path, services)
    _share([_as_line(local[sha256]) for sha256 in local.keys() - shared.keys()], path, services)
    news = [prediction for sha256, prediction in shared.items() if sha256 not in local]
    if news:
        append_lines(path, map(_as_line, news))
    return shared | local


def _shared_predictions(path: Path, services: Services) -> dict[str, Prediction]:
    shared = services.store.below(_shared_prefix(path))
    return _first_of_each(
        line for _, content in shared for line in content.decode(errors="replace").splitlines()
    )


def _first_of_each(lines: Iterable[str]) -> dict[str, Prediction]:
    found: dict[str, Prediction] = {}
    for line in lines:
        prediction = _parse(line)
        if prediction is not None:
            found.setdefault(prediction.sha256, prediction)
    return found


def _share(lines: Sequence[str], path: Path, services: Services) -> None:
    if services.state_is_shared and lines:
        content = "".join(f"{line}\n" for line in lines).encode()
        key = f"{_shared_prefix(path)}{digest_of(lines)[:16]}"
        services.store.put_if_absent(key, content)


def _shared_prefix(path: Path) -> str:
    return f"predictions/{path.stem}/"


def _as_line(prediction: Prediction) -> str:
    """Return a prediction as one line of JSON."""
    return orjson.dumps(prediction.model_dump()).decode()


def _parse(line: str) -> Prediction | None:
    try:
        return Prediction.model_validate_json(line)
    except ValidationError:
        return None
