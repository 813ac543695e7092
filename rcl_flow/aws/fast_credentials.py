"""A boto3 session's credentials, handed to obstore before each put."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import boto3
from botocore.exceptions import NoCredentialsError

from rcl_flow.clock import SystemClock

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials
    from obstore.store import S3Credential

_KEPT_FOR: Final = timedelta(minutes=10)
"""How long obstore may use what it was handed; it asks again five minutes before.

botocore renews what runs out in less than ten minutes before it hands it out, so that nothing that
has run out is ever used.
"""


class FastCredentials:
    """The credentials of a session, renewed by botocore, in the thread that puts.

    obstore asks for them in a thread of its own, and there a failure would lose its meaning.
    """

    def __init__(self, session: boto3.Session) -> None:
        """Ask `session`; a role that it assumes is assumed again before it runs out."""
        self._session = session
        self._latest: ReadOnlyCredentials | None = None

    def renew(self) -> None:
        """Have credentials that are good for minutes.

        Raises:
            botocore.exceptions.NoCredentialsError: there are none.
            botocore.exceptions.BotoCoreError: they cannot be renewed.
            botocore.exceptions.ClientError: the role may not be assumed.
        """
        credentials = self._session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        self._latest = credentials.get_frozen_credentials()

    def __call__(self) -> "S3Credential":
        """Return the latest, as obstore wants them."""
        if self._latest is None:
            raise NoCredentialsError
        return {
            "access_key_id": self._latest.access_key or "",
            "secret_access_key": self._latest.secret_key or "",
            "token": self._latest.token,
            "expires_at": SystemClock().now() + _KEPT_FOR,
        }
