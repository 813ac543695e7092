"""What a client gets on the wire, before botocore leaves out what it does not know."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.model import OperationModel

Answers = list[tuple[str, dict[str, Any]]]


@contextmanager
def recorded(*clients: Any) -> Iterator[Answers]:  # noqa: ANN401  # boto3's clients
    """Collect the operation and the document of every answer that clients get."""
    answers: Answers = []

    def keep(operation_model: OperationModel, response_dict: dict[str, Any], **_: object) -> None:
        assert response_dict["status_code"] == 200
        answers.append((operation_model.name, json.loads(response_dict["body"] or b"{}")))

    for client in clients:
        client.meta.events.register("before-parse.rekognition", keep)
    try:
        yield answers
    finally:
        for client in clients:
            client.meta.events.unregister("before-parse.rekognition", keep)
