"""The doctor's look at whom a run tells: topic, bus, secrets, and the champion's parameter."""

from collections.abc import Iterator

from rcl_flow.aws.probing import Probes
from rcl_flow.config import FlowConfig
from rcl_flow.core.doctor.diagnosis import Check, problem
from rcl_flow.core.doctor.permissions import (
    Caller,
    Delivery,
    bus_delivery,
    parameter_delivery,
    permission_check,
    secret_delivery,
    topic_delivery,
)


def delivery_checks(config: FlowConfig, probes: Probes, caller: Caller) -> Iterator[Check]:
    """Yield a check for each thing that the config names; none where it names none."""
    for delivery in _deliveries(config, caller):
        reply = probes.delivery(delivery.action, delivery.name)
        check = permission_check(delivery.action, reply, delivery.resource, caller)
        if reply.kind == "not_found":
            told = f"There is no {delivery.name} in {caller.region}: {reply.message}"
            check = problem(delivery.action, told, f"Make it, or correct `{delivery.field}`.")
        yield check.model_copy(update={"name": f"{check.name} ({delivery.field})"})


def _deliveries(config: FlowConfig, caller: Caller) -> Iterator[Delivery]:
    told, parameter = config.notifications, config.promotion.ssm_parameter
    if told.sns_topic_arn is not None:
        yield topic_delivery(told.sns_topic_arn, "notifications.sns_topic_arn")
    if told.event_bus is not None:
        yield bus_delivery(told.event_bus, "notifications.event_bus", caller)
    secrets = (("notifications.slack", told.slack), ("notifications.webhook", told.webhook))
    for field, reference in secrets:
        found = secret_delivery(reference or "", field, caller)
        if found is not None:
            yield found
    if parameter is not None:
        yield parameter_delivery("ssm:PutParameter", parameter, "promotion.ssm_parameter", caller)
