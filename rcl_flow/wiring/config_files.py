"""Read a config and its overlays from files, with the environment's variables."""

import os
from collections.abc import Sequence
from pathlib import Path

from rcl_flow.config import DataConfig, ImageSource
from rcl_flow.config.overlays import ConfigText, Origins
from rcl_flow.config.reading import ReadConfig, read_config_texts
from rcl_flow.errors import ConfigNotFoundError
from rcl_flow.pipeline.images.plain_paths import PlainPaths

_ConfigPath = tuple[str, ...]
_HINT = (
    "Give the path of a YAML file; `rcl-flow init` writes one for your images, "
    "`rcl-flow demo-data demo` one to try."
)
_OVERLAY_HINT = (
    "Give the path of a YAML file of the fields that differ; a relative one starts at the current "
    "folder."
)


def read_config_files(
    path: Path, overlays: Sequence[Path] = (), overrides: Sequence[str] = ()
) -> ReadConfig:
    """Read a config; relative data paths start at the folder of the file that names them.

    Args:
        path: the config.
        overlays: files that are laid over it, in this order.
        overrides: `a.b=value` strings that win over all files.

    Raises:
        ConfigNotFoundError: a file cannot be read.
        ConfigError: the config is not valid.
    """
    texts = [ConfigText(_text(path, "config", _HINT), str(path))]
    texts += [ConfigText(_text(each, "overlay", _OVERLAY_HINT), str(each)) for each in overlays]
    read = read_config_texts(texts, overrides=overrides, environment=os.environ)
    data = _Resolving(read.origins).data(read.config.data)
    return read._replace(config=read.config.model_copy(update={"data": data}))


def _text(path: Path, kind: str, hint: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # not UTF-8, or a path with a NUL
        raise ConfigNotFoundError(
            f"Cannot read the {kind} {path}: {getattr(error, 'strerror', None) or error}.",
            hint=hint,
        ) from error


class _Resolving:
    """Lets relative paths start at the right folder: that of the file; for `--set`, the base's."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins

    def data(self, data: DataConfig) -> DataConfig:
        """Return the section with every local path below a file's folder."""
        sets = {
            name: self._source(source, ("data", name))
            for name in ("train", "test", "holdout")
            if (source := getattr(data, name)) is not None
        }
        arrivals = tuple(
            self._source(source, ("data", "arrivals", str(at)))
            for at, source in enumerate(data.arrivals)
        )
        single = {
            name: self._local(place, ("data", name))
            for name in ("production", "lineage")
            if (place := getattr(data, name))
        }
        return data.model_copy(update={**sets, "arrivals": arrivals, **single})

    def _source(self, source: ImageSource, path: _ConfigPath) -> ImageSource:
        named = {source.kind.replace("-", "_"): source.uri, "images": source.images}
        return source.model_copy(
            update={
                name: self._local(place, (*path, name))
                for name, place in named.items()
                if place is not None
            }
        )

    def _local(self, place: str, path: _ConfigPath) -> str:
        if place.startswith("s3://"):
            return place
        by_set = self._origins.set_by(path) is not None
        layer = self._origins.layers[0] if by_set else self._origins.layer_of(path)
        return PlainPaths()(str(Path(layer.file_name).parent / place))
