"""botocore's models of the services: which operations they have, with which members and errors."""

import re
from functools import cache

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape, StructureShape

_PLACEHOLDER = re.compile(r"\\\{[^}]+\\\}")


@cache
def service_model() -> ServiceModel:
    """Return botocore's model of Rekognition."""
    return ServiceModel(Loader().load_service_model("rekognition", "service-2"), "rekognition")


@cache
def model_of(service: str) -> ServiceModel | None:
    """Return botocore's model of a service, or None if it has none of that name."""
    try:
        return ServiceModel(Loader().load_service_model(service, "service-2"), service)
    except UnknownServiceError:
        return None


def modelled_errors(operation: str) -> frozenset[str]:
    """Return the codes of the errors that the model gives an operation of Rekognition."""
    return frozenset(
        shape.name for shape in service_model().operation_model(operation).error_shapes
    )


def names_a_version(operation: str) -> bool:
    """Say whether a call of Rekognition tells which version, or which project, it is about."""
    model = service_model().operation_model(operation)
    asked, answered = _members(model.input_shape), _members(model.output_shape)
    return bool(asked & {"ProjectVersionArn", "ProjectArn"}) or "ProjectVersionArn" in answered


def speaks_json(service: str) -> bool:
    """Say whether a service answers in JSON, also to a request without a body."""
    model = model_of(service)
    return model is not None and "json" in str(model.metadata.get("protocol", ""))


def rest_operation(service: str, method: str, path: str) -> str | None:
    """Return the operation that a path means, if the service tells its operations by paths."""
    matching = (
        name
        for verb, pattern, name in _paths(service)
        if verb == method and pattern.fullmatch(path)
    )
    return next(matching, None)


@cache
def _paths(service: str) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    model = model_of(service)
    if model is None or not str(model.metadata.get("protocol", "")).startswith("rest"):
        return ()
    operations = (model.operation_model(name) for name in model.operation_names)
    return tuple((one.http["method"], _pattern(one), one.name) for one in operations)


def _pattern(operation: OperationModel) -> re.Pattern[str]:
    path = re.escape(operation.http["requestUri"].partition("?")[0])
    return re.compile(_PLACEHOLDER.sub("[^/]+", path))


def _members(shape: Shape | None) -> frozenset[str]:
    return frozenset(shape.members) if isinstance(shape, StructureShape) else frozenset()
