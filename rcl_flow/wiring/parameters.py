"""Write parameters of Systems Manager on a backend; its client is made with the first."""

from collections.abc import Callable

from rcl_flow.aws.errors import aws_errors
from rcl_flow.aws.parameters import open_parameters
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.wiring.gateways import access_of


def parameter_writer(backend: Backend) -> Callable[[str, str], None]:
    """Return what lets the parameter of a name hold a text.

    It raises `AwsRefusedError` kinds.
    """

    def write(name: str, value: str) -> None:
        with aws_errors("CreateSession"):
            parameters = open_parameters(*access_of(backend))
        parameters.put(name, value)

    return write
