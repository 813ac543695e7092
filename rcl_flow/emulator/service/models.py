"""The operations that start, stop and ask models, which is what running versions are called."""

from dataclasses import dataclass

import numpy as np

from rcl_flow.emulator.conditions.clock import GONE, Step
from rcl_flow.emulator.conditions.fault_rule import MESSAGES
from rcl_flow.emulator.conditions.throughput import TOO_MUCH, Capacity, Rates
from rcl_flow.emulator.data.catalogue import SERVICE_ISSUE
from rcl_flow.emulator.data.images import MAX_INLINE_BYTES, MAX_OBJECT_BYTES, read_size
from rcl_flow.emulator.data.objects import ObjectUnavailableError
from rcl_flow.emulator.errors import (
    ApiError,
    in_use,
    invalid_parameter,
    invalid_s3_object,
    limit_exceeded,
    not_ready,
)
from rcl_flow.emulator.learning.boxes import Box
from rcl_flow.emulator.learning.confidence import confidence_percent
from rcl_flow.emulator.learning.decoding import UnreadableImageError
from rcl_flow.emulator.learning.detector import Detector
from rcl_flow.emulator.learning.learner import Classifier
from rcl_flow.emulator.service.datasets import object_ref
from rcl_flow.emulator.service.state import Context, TrainedModel, Version
from rcl_flow.emulator.shapes import JsonObject

STARTABLE_STATES = frozenset({"TRAINING_COMPLETED", "STOPPED", "FAILED", "COPYING_COMPLETED"})
DEPLOYED_STATES = ("STARTING", "RUNNING", "STOPPING")


class Models:
    """Starts and stops models."""

    def __init__(self, context: Context) -> None:
        """Work on the resources of `context`."""
        self._context = context

    def start(self, request: JsonObject) -> JsonObject:
        """StartProjectVersion."""
        _, version = self._context.store.version(request["ProjectVersionArn"])
        units: JsonObject = {
            k: request[k] for k in ("MinInferenceUnits", "MaxInferenceUnits") if k in request
        }
        if max(units.values()) != list(units.values())[-1]:
            raise invalid_parameter("MaxInferenceUnits is below MinInferenceUnits.")
        state = version.timeline.read()
        if state not in STARTABLE_STATES or version.model is None:
            raise in_use(f"The model cannot be started while its status is {state}.")
        self._require_quota(max(units.values()))
        version.units = units
        version.message = "The model is being started."
        delay = self._context.delay("StartProjectVersion", self._context.world.delays.starting)
        fails = self._context.world.faults.fails_later("StartProjectVersion")
        enter = _fail if fails else self._run
        version.timeline.move("STARTING", Step(delay, enter=lambda due: enter(version, due)))
        return {"Status": "STARTING"}

    def stop(self, request: JsonObject) -> JsonObject:
        """StopProjectVersion."""
        _, version = self._context.store.version(request["ProjectVersionArn"])
        state = version.timeline.read()
        if state != "RUNNING":
            raise in_use(f"The model cannot be stopped while its status is {state}.")
        self._context.world.meter.stop(version.arn, self._context.now())
        version.message = "The model is being stopped."
        stopped = Step(
            self._context.delay("StopProjectVersion", self._context.world.delays.stopping),
            enter=lambda due: _rest(version),
        )
        version.timeline.move("STOPPING", stopped)
        return {"Status": "STOPPING"}

    def lose(self, version: Version, *, gone: bool) -> None:
        """Let somebody else stop a version, or delete it, whatever its state."""
        if version.timeline.read() == "RUNNING":
            self._context.world.meter.stop(version.arn, self._context.now())
        elif not gone:
            return
        version.message = "The model is stopped."
        version.timeline.move(GONE if gone else "STOPPED")

    def running_model(self, arn: str) -> TrainedModel:
        """Return the model that answers for a version.

        Raises:
            ApiError: There is no such version, it is not running, or its units are busy.
        """
        _, version = self._context.store.version(arn)
        state = version.timeline.read()
        if state != "RUNNING" or version.model is None:
            raise not_ready(f"The model is not ready to analyze images: its status is {state}.")
        self._require_capacity(version)
        return version.model

    def _require_capacity(self, version: Version) -> None:
        now, capacity = self._context.now(), version.capacity
        if capacity is None or capacity.take(now):
            return
        if (coming := capacity.ask_for_more(now)) is not None:
            self._context.world.meter.add(version.arn, coming)
        raise ApiError(TOO_MUCH, MESSAGES[TOO_MUCH])

    def _run(self, version: Version, due: float) -> str:
        least: int = version.units["MinInferenceUnits"]
        self._context.world.meter.start(version.arn, least, due)
        if (throughput := self._context.world.throughput) is not None:
            most = version.units.get("MaxInferenceUnits", least)
            version.capacity = Capacity(
                least, most, _rate_per_unit(version, throughput.rates), throughput.rates
            )
        version.message = "The model is running."
        return "RUNNING"

    def _require_quota(self, units: int) -> None:
        quotas = self._context.world.quotas
        if quotas is None:
            return
        if units > quotas.inference_units:
            raise limit_exceeded(f"A model runs with at most {quotas.inference_units} units.")
        states = [version.timeline.read() for version in self._context.store.versions()]
        if sum(state in DEPLOYED_STATES for state in states) >= quotas.running_models:
            raise limit_exceeded(f"At most {quotas.running_models} models run at a time.")


def _fail(version: Version, due: float) -> str:
    version.message = SERVICE_ISSUE
    return "FAILED"


def _rest(version: Version) -> str:
    version.message = "The model is stopped."
    return "STOPPED"


def _rate_per_unit(version: Version, rates: Rates) -> float:
    finds_objects = version.model is not None and isinstance(version.model.model, Detector)
    return rates.detections_per_unit if finds_objects else rates.classifications_per_unit


def read_image(context: Context, image: JsonObject) -> bytes:
    """Return the image that a request names, if the service accepts its size and format.

    Raises:
        ApiError: It does not.
    """
    if ("Bytes" in image) == ("S3Object" in image):
        raise invalid_parameter("An Image needs either Bytes or an S3Object.")
    if "Bytes" in image:
        body, limit = image["Bytes"], MAX_INLINE_BYTES
    else:
        body, limit = _fetch(context, image["S3Object"]), MAX_OBJECT_BYTES
    if len(body) > limit:
        raise ApiError("ImageTooLargeException", "Image size is too large.")
    _require_size(body)
    return bytes(body)


def detect(model: TrainedModel, body: bytes, request: JsonObject) -> JsonObject:
    """DetectCustomLabels, of an image that was read before."""
    try:
        found = _answers(model.model, body)
    except UnreadableImageError as error:
        raise _bad_format() from error
    floor = request.get("MinConfidence")
    kept = [
        answer
        for answer in found
        if (
            answer.score >= model.thresholds[answer.label]
            if floor is None
            else confidence_percent(answer.score) >= floor
        )
    ]
    kept.sort(key=lambda answer: (-confidence_percent(answer.score), answer.label))
    return {"CustomLabels": [answer.as_json() for answer in kept[: request.get("MaxResults")]]}


@dataclass(frozen=True, slots=True)
class _Answer:
    label: str
    score: float
    box: Box | None = None

    def as_json(self) -> JsonObject:
        answer = {"Name": self.label, "Confidence": confidence_percent(self.score)}
        if self.box is None:
            return answer
        sides = {
            "Width": self.box.width,
            "Height": self.box.height,
            "Left": self.box.left,
            "Top": self.box.top,
        }
        return {**answer, "Geometry": {"BoundingBox": {k: _single(v) for k, v in sides.items()}}}


def _answers(model: Classifier | Detector, body: bytes) -> list[_Answer]:
    if isinstance(model, Detector):
        return [_Answer(each.label, each.confidence, each.box) for each in model.detect(body)]
    return [_Answer(label, score) for label, score in model.scores(body).items()]


def _single(value: float) -> float:
    """Round to a 32-bit float, as the service's numbers are."""
    return float(np.float32(value))


def _fetch(context: Context, s3_object: JsonObject) -> bytes:
    ref = object_ref(s3_object)
    facts = context.objects.bucket(ref.bucket)
    if facts is None or facts.region != context.place.region:
        raise invalid_s3_object()
    try:
        return context.objects.read(ref)
    except ObjectUnavailableError as error:
        raise invalid_s3_object() from error


def _require_size(body: bytes) -> None:
    size = read_size(body)
    if size is None:
        raise _bad_format()
    if size.too_large:
        raise ApiError("ImageTooLargeException", "Image size is too large.")
    if size.too_small_or_thin:
        raise invalid_parameter("Request has invalid parameters.")


def _bad_format() -> ApiError:
    return ApiError("InvalidImageFormatException", "Request has invalid image format.")
