"""What moto lacks to run the deployment, added for a block and taken away again.

moto has no container here, so a function's code runs in this process; and it names the errors of
Rekognition in an SDK integration differently from AWS.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.awslambda_simple.models import LambdaSimpleBackend, lambda_simple_backends
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk,
)

Function = Callable[[Mapping[str, Any], object], dict[str, Any]]

MOTO_CONFIG: Any = {
    "lambda": {"use_docker": False},
    "stepfunctions": {"execute_state_machine": True},
}


class InProcessLambda(LambdaSimpleBackend):
    """Runs one Python function for every function's name, and answers errors as Lambda does."""

    function: Function

    def invoke(
        self,
        function_name: str,
        qualifier: str | None,
        body: Any,  # noqa: ANN401  # the base's
        headers: Any,  # noqa: ANN401  # the base's
        response_headers: Any,  # noqa: ANN401  # the base's
    ) -> bytes:
        """Return what the function returns, as JSON."""
        try:
            answer = type(self).function(json.loads(body or "{}"), None)
        except Exception as error:  # noqa: BLE001  # a function may raise anything
            response_headers["x-amz-function-error"] = "Unhandled"
            answer = {"errorMessage": str(error), "errorType": type(error).__name__}
        return json.dumps(answer).encode()


@contextmanager
def in_process_functions(function: Function) -> Iterator[None]:
    """Let every invocation of a function run `function` in this block."""
    names = state_task_service_aws_sdk._SERVICE_ERROR_NAMES
    InProcessLambda.function = staticmethod(function)
    lambda_simple_backends.backend = InProcessLambda
    lambda_simple_backends.clear()
    names["rekognition"] = "Rekognition"  # as AWS writes it: Rekognition.ThrottlingException
    try:
        yield
    finally:
        lambda_simple_backends.backend = LambdaSimpleBackend
        lambda_simple_backends.clear()
        del names["rekognition"]
