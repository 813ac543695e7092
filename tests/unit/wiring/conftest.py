"""The bench of the pipeline's tests, for what makes the pipeline's services."""

from tests.unit.pipeline.conftest import aws_clients, bench

__all__ = ["aws_clients", "bench"]
