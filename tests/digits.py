"""The demo's images, encoded once in a process: that takes longer than most tests."""

from functools import cache

from rcl_flow.imaging.digits import DemoImage, digit_images


@cache
def demo_digits() -> tuple[DemoImage, ...]:
    """Return all of the demo's images, of its default split."""
    return tuple(digit_images())
