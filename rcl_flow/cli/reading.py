"""Read a config file and resolve its paths."""

from collections.abc import Sequence
from pathlib import Path

from rcl_flow.config import DataConfig, FlowConfig, ImageSource, parse_config
from rcl_flow.errors import ConfigNotFoundError


def read_config(path: Path, overrides: Sequence[str] = ()) -> FlowConfig:
    """Read a config file; relative data paths start at its folder.

    Raises:
        ConfigNotFoundError: it cannot be read.
        ConfigError: it is not valid.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigNotFoundError(
            f"Cannot read the config {path}: {getattr(error, 'strerror', None) or error}.",
            hint="Give the path of a YAML file; `rcl-flow demo-data demo` writes one to try.",
        ) from error
    config = parse_config(text, file_name=str(path), overrides=overrides)
    return config.model_copy(update={"data": _resolve(config.data, path.parent)})


def _resolve(data: DataConfig, folder: Path) -> DataConfig:
    return data.model_copy(
        update={
            name: _resolve_source(source, folder)
            for name in ("train", "test", "holdout")
            if (source := getattr(data, name)) is not None
        }
        | {"arrivals": tuple(_resolve_source(source, folder) for source in data.arrivals)}
        | _resolve_production(data.production, folder)
        | ({"lineage": str(folder / data.lineage)} if data.lineage else {})
    )


def _resolve_production(place: str | None, folder: Path) -> dict[str, str]:
    if place is None or place.startswith("s3://"):
        return {}
    return {"production": str(folder / place)}


def _resolve_source(source: ImageSource, folder: Path) -> ImageSource:
    named = {source.kind.replace("-", "_"): source.uri, "images": source.images}
    local = {
        name: str(folder / path)
        for name, path in named.items()
        if path is not None and not path.startswith("s3://")
    }
    return source.model_copy(update=local)
