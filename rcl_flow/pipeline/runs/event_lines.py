"""What a run tells, as lines for a person: an end of a step, what to expect, or a notice."""

from rcl_flow.pipeline.runs.events import (
    Event,
    MetricsLine,
    Notice,
    Outlook,
    StepFailed,
    StepFinished,
)


def event_line(event: Event) -> str:
    """Return an event as a line; empty where it is not worth one."""
    match event:
        case StepFinished(step, seconds, reused, detail):
            time = "reused" if reused else f"{seconds:.1f} s"
            return f"ok    {step:<20} {detail} ({time})"
        case StepFailed(step, seconds, paused=paused):
            end = f"ended {step:<20} after {seconds:.1f} s"
            return f"pause {step:<20} AWS is at work on it" if paused else end
        case Outlook(step, text):
            return f"now   {step:<20} {text}"
        case Notice(text):
            return f"note  {text}"
        case _:
            return event.line if isinstance(event, MetricsLine) else ""
