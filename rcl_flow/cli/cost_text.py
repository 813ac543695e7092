"""What something has cost, in words: on the emulator nobody pays what it would cost on AWS."""

from rcl_flow.report.figures import format_usd


def cost_text(usd: float, *, paid: bool) -> str:
    """Return a cost within a line; where nobody pays, with what it would be on AWS."""
    return format_usd(usd) if paid else f"nothing was paid; on AWS {format_usd(usd)}"


def cost_cell(usd: float, *, paid: bool) -> str:
    """Return the same for a column, where there is little room."""
    return format_usd(usd) if paid else f"{format_usd(0.0)} ({format_usd(usd)} on AWS)"


def price_text(usd_per_hour: float, *, paid: bool) -> str:
    """Return what an hour of a running model costs, as the beginning of a sentence."""
    return f"{'' if paid else 'free here; on AWS '}{usd_per_hour:.2f} USD an hour"
