"""The gateway to secrets: a secret of Secrets Manager, or a SecureString of Parameter Store."""

import json
from typing import TYPE_CHECKING

from rcl_flow.aws.retry import Caller
from rcl_flow.errors import AwsRefusedError

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_ssm import SSMClient


class Secrets:
    """Reads secrets; none of its errors contains one."""

    def __init__(
        self, secrets: "SecretsManagerClient", parameters: "SSMClient", caller: Caller
    ) -> None:
        """Read through these clients."""
        self._secrets = secrets
        self._parameters = parameters
        self._caller = caller

    def secret(self, identifier: str) -> str:
        """Return the text of a secret by its name or ARN.

        A secret that is a JSON object with one value, as the console makes it, is that value.

        Raises:
            AwsRefusedError: it cannot be read, or is no text.
        """
        answer = self._caller.call(self._secrets.get_secret_value, SecretId=identifier)
        text = answer.get("SecretString")
        if not text:
            raise AwsRefusedError(
                f"GetSecretValue: the secret {identifier} is no text.",
                hint="Store the address as the secret's text.",
                operation="GetSecretValue",
                code="NoText",
            )
        return _only_value(text)

    def parameter(self, name: str) -> str:
        """Return a parameter, decrypted where it is a SecureString.

        Raises:
            AwsRefusedError: it cannot be read.
        """
        answer = self._caller.call(self._parameters.get_parameter, Name=name, WithDecryption=True)
        return str(answer["Parameter"].get("Value", ""))


def _only_value(text: str) -> str:
    try:
        document = json.loads(text)
    except ValueError:
        return text
    values = list(document.values()) if isinstance(document, dict) else []
    return values[0] if len(values) == 1 and isinstance(values[0], str) else text
