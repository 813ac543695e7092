"""The file that keeps every answer of a project version, and its share for other machines."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import orjson
from pydantic import ValidationError

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.naming import digest_of
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.files import append_lines, read_lines
from rcl_flow.pipeline.runs.services import Services


def predictions_path(workspace: Path, version_arn: str) -> Path:
    """Return the file that keeps every answer of a version; any run may use it again."""
    return workspace / "predictions" / f"{digest_of([version_arn])[:16]}.jsonl"


def read_predictions(path: Path) -> dict[str, Prediction]:
    """Return the predictions in a file by image digest; lines that are no records are dropped."""
    return _first_of_each(read_lines(path))


def unanswered(images: Iterable[DatasetImage], path: Path) -> list[DatasetImage]:
    """Return the images without a prediction in a file, in their order."""
    missing = {image.sha256: image for image in images}
    for prediction in filter(None, map(_parse, read_lines(path))):
        missing.pop(prediction.sha256, None)
    return list(missing.values())


def append_predictions(predictions: Sequence[Prediction], path: Path, services: Services) -> None:
    """Keep predictions in the file, and for other machines where the state is shared.

    Raises:
        LocalFilesError: the file cannot be written.
        StoreError: the store cannot be written.
    """
    if not predictions:
        return
    lines = [_as_line(prediction) for prediction in predictions]
    append_lines(path, lines)
    _share(lines, path, services)


def known_predictions(path: Path, services: Services) -> dict[str, Prediction]:
    """Return every answer that this machine, or another one that shares the state, has got."""
    return _first_of_each(chain(read_lines(path), _shared_lines(path, services)))


def exchange_predictions(path: Path, services: Services) -> None:
    """Give other machines the answers of this one, and add theirs to its file.

    Raises:
        LocalFilesError: the file cannot be written.
        StoreError: the store cannot be read or written.
    """
    if not services.state_is_shared:
        return
    local = {prediction.sha256 for prediction in _firsts(read_lines(path))}
    shared: set[str] = set()
    news: list[str] = []
    for prediction in _firsts(_shared_lines(path, services)):
        shared.add(prediction.sha256)
        if prediction.sha256 not in local:
            news.append(_as_line(prediction))
    own = (one for one in _firsts(read_lines(path)) if one.sha256 not in shared)
    _share([_as_line(prediction) for prediction in own], path, services)
    if news:
        append_lines(path, news)


def _shared_lines(path: Path, services: Services) -> Iterator[str]:
    if services.state_is_shared:
        for _, content in services.store.below(_shared_prefix(path)):
            yield from content.decode(errors="replace").splitlines()


def _first_of_each(lines: Iterable[str]) -> dict[str, Prediction]:
    return {prediction.sha256: prediction for prediction in _firsts(lines)}


def _firsts(lines: Iterable[str]) -> Iterator[Prediction]:
    """Yield the first prediction of each image; lines that are none are passed over."""
    seen: set[str] = set()
    for line in lines:
        prediction = _parse(line)
        if prediction is not None and prediction.sha256 not in seen:
            seen.add(prediction.sha256)
            yield prediction


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
