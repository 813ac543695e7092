"""moto's S3 loads the addresses that it answers anew with every request; here it does so once.

It does so for an environment that changes while it serves. The emulator's does not, and loading a
module takes a fifth of a small request's time, in one thread at a time.
"""

from types import ModuleType
from typing import Any

import moto.s3.urls as s3_urls
from moto.s3.models import S3Backend

_loads_anew = vars(S3Backend)["_url_module"]


def _loaded(backend: S3Backend) -> ModuleType:
    return s3_urls


def know_urls() -> None:
    """Let moto keep the addresses of its S3."""
    hooked: Any = S3Backend
    hooked._url_module = property(_loaded)


def forget_urls() -> None:
    """Let moto load them with every request again."""
    hooked: Any = S3Backend
    hooked._url_module = _loads_anew
