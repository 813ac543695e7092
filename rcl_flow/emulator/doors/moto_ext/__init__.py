"""The emulator as a part of moto: its backend takes the place of moto's own for Rekognition."""

from moto.rekognition.models import RekognitionBackend, rekognition_backends

from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.doors.moto_ext.authorization import (
    forget_s3_actions,
    forget_schedules,
    judge_schedules,
    name_s3_actions,
)
from rcl_flow.emulator.doors.moto_ext.conditional_puts import forget_puts, keep_puts_apart
from rcl_flow.emulator.doors.moto_ext.known_urls import forget_urls, know_urls
from rcl_flow.emulator.doors.moto_ext.models import RclBackend
from rcl_flow.emulator.doors.moto_ext.transitions import (
    forget_transitions,
    register_transitions,
)

__all__ = ["install", "uninstall"]


def install(world: World) -> None:
    """Let moto answer Rekognition requests with services that live in `world`, from empty."""
    RclBackend.world = world
    rekognition_backends.backend = RclBackend
    rekognition_backends.clear()
    register_transitions()
    judge_schedules()
    name_s3_actions()
    keep_puts_apart()
    know_urls()


def uninstall() -> None:
    """Give Rekognition back to moto's own backend."""
    rekognition_backends.backend = RekognitionBackend
    rekognition_backends.clear()
    forget_transitions()
    forget_schedules()
    forget_s3_actions()
    forget_puts()
    forget_urls()
