"""boto3 sessions with the emulator's keys, on which the user's own configuration has no influence.

The user's profile may name real credentials, other endpoints or a role that does not exist.
"""

import os
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore.loaders import Loader, create_loader

ACCESS_KEY_ID = "AKIAEMULATOREMULATOR"
# what an access key would need; the emulator verifies no signature
SECRET_ACCESS_KEY = "emulator"  # noqa: S105


class _Session(botocore.session.Session):
    """A session whose clients go to one address, unless they are made for another."""

    def __init__(self, endpoint_url: str | None, **options: Any) -> None:  # noqa: ANN401  # base
        super().__init__(**options)
        self._endpoint_url = endpoint_url

    def create_client(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # the base's
        """Make a client; without an `endpoint_url` of its own it gets the session's."""
        address = options.get("endpoint_url") or self._endpoint_url
        return super().create_client(*args, **{**options, "endpoint_url": address})


def isolated_session(region: str, endpoint_url: str | None = None) -> boto3.Session:
    """Return a session with the emulator's keys, whose clients go to `endpoint_url`.

    Args:
        region: The default region.
        endpoint_url: An emulator's address; without one, the services' own addresses.
    """
    nothing: dict[str, Any] = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    session = _Session(endpoint_url, session_vars=nothing)
    models = _models()
    session.register_component("data_loader", models)
    session.set_config_variable("region", region)
    session.set_config_variable("ignore_configured_endpoint_urls", True)
    session.set_credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY)
    made = boto3.Session(botocore_session=session, region_name=region)
    # every boto3 session adds its own folder once more
    models.search_paths[:] = dict.fromkeys(models.search_paths)
    return made


@cache
def _models() -> Loader:
    """Return the services' models, which take longer to read than anything else of a session."""
    return create_loader()
