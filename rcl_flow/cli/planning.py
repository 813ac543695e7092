"""Plan a run for the terminal, and write a plan as text of 80 columns."""

from collections.abc import Iterator

from rcl_flow.cli.console import Console
from rcl_flow.cli.table import hanging, labelled
from rcl_flow.config import FlowConfig
from rcl_flow.core.costs.estimate import Estimate
from rcl_flow.core.costs.plan import Plan, PlannedStep
from rcl_flow.pipeline.planning import make_plan
from rcl_flow.report.figures import format_count, format_seconds, format_usd
from rcl_flow.wiring.services import make_services

_TIED = "\N{NO-BREAK SPACE}"
"""Between a name and its number, so that no line ends there."""
_ACTIONS = {"nothing": "", "refuse": "REFUSED"}


def show_plan(config: FlowConfig, console: Console) -> None:
    """Plan a run of the config and print the plan.

    Raises:
        RclFlowError: the data cannot be read, or AWS cannot be asked.
    """
    with console.watcher() as watcher:
        plan = make_plan(config, make_services(config, watcher.tell, changes_nothing=True))
    console.document(plan.model_dump(mode="json"))
    console.result(plan_text(plan))


def plan_text(plan: Plan) -> str:
    """Return a plan in aligned lines."""
    return "\n".join(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    if plan.status == "unchanged":
        yield f"{_where(plan)}: nothing to do"
        yield ""
        yield f"  = {plan.steps[-1].detail}"
        yield ""
        yield f"cost      {format_usd(plan.cost.usd.expected)}"
        return
    yield _where(plan)
    yield ""
    steps = [step for step in plan.steps if step.mark == "!"] or plan.steps
    yield from map(_step_line, plan.steps)
    yield ""
    if plan.status == "refused":
        yield f"The run would end at: {steps[0].step}. Nothing is created, and nothing is paid."
        return
    counts = ((plan.count(mark), mark) for mark in "+~=")
    words = {"+": "to do", "~": "to change", "=": "as it is"}
    yield "plan      " + ", ".join(f"{count} {words[mark]}" for count, mark in counts)
    calls = ", ".join(f"{name}{_TIED}{number}" for name, number in plan.calls.items())
    yield labelled("calls", calls or "none that changes anything").replace(_TIED, " ")
    yield from _cost_lines(plan)


def _where(plan: Plan) -> str:
    owner = f" account {plan.account} in {plan.region}" if plan.account else ""
    return f"{plan.project} on {plan.backend}{owner}"


def _step_line(step: PlannedStep) -> str:
    action = _ACTIONS.get(step.action, step.action)
    return hanging(f"  {step.mark} {step.step:<14} {action:<8} ", step.detail)


def _cost_lines(plan: Plan) -> Iterator[str]:
    cost, prices = plan.cost, plan.prices
    yield ""
    yield f"{'':<10}{'expected':>10}{'at least':>12}{'at most':>12}"
    yield _cost_line("training", cost.training_usd, cost.training_seconds)
    yield _cost_line("inference", cost.inference_usd, cost.inference_seconds)
    yield _cost_line("cost", cost.usd, None)
    yield labelled(
        "prices",
        f"of {prices.as_of}: {format_usd(prices.training_usd_per_hour)} a training hour, "
        f"{format_usd(prices.inference_unit_usd_per_hour)} a unit hour; times from {_basis(plan)}",
    )
    if plan.backend == "emulator":
        yield labelled(
            "paid", "nothing, on the emulator; AWS has these prices and trains for longer"
        )
    yield labelled("budget", _budget(plan))


def _basis(plan: Plan) -> str:
    if plan.history:
        return f"{format_count(plan.history, 'past bill')} of this project"
    if plan.backend == "emulator":
        usual = "the config's `emulator` section and the emulator's usual pace"
    else:
        usual = "published figures"
    return f"{usual}, as there is no history yet"


def _cost_line(name: str, usd: Estimate, seconds: Estimate | None) -> str:
    amounts = f"{format_usd(usd.expected):>10}{format_usd(usd.low):>12}{format_usd(usd.high):>12}"
    if seconds is None or not seconds.high:
        return f"{name:<10}{amounts}"
    times = f"{format_seconds(seconds.low)} to {format_seconds(seconds.high)}"
    return f"{name:<10}{amounts}   {times}"


def _budget(plan: Plan) -> str:
    reason = plan.budget.reason
    match plan.budget.verdict:
        case "none":
            return "none is given (`budget.max_usd`)"
        case "within":
            return "kept"
        case "may-exceed":
            return f"may be exceeded; {reason}"
        case "exceeds":
            return f"WOULD BE EXCEEDED; {reason}"
