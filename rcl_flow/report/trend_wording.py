"""The sentences about a project's history that its page and the terminal share."""

from rcl_flow.core.history import BackendKind, Change, Ground, PastRun, Trend, TrendRun
from rcl_flow.report.figures import format_change, format_count, format_ratio, format_usd

_SHOWN_DIGITS = 8


def headline_sentence(trend: Trend) -> str:
    """Say what the latest score is, and how it stands to the one before on the same holdout."""
    if not trend.scored:
        return "No run has a score yet."
    latest = trend.scored[-1]
    score = f"Holdout F1 {_f1(latest.run)}"
    if latest.change is None:
        return f"{score}, the first score on this holdout."
    return f"{score}, {change_text(latest.change)} since the run before on this holdout."


def change_sentence(trend: Trend) -> str:
    """Say what else is known of the latest change, which run is the best, and what came after."""
    if not trend.scored:
        return ""
    latest = trend.scored[-1]
    sentences = []
    if latest.change is not None:
        sentences.append(f"Their {overlap_text(latest.change)}.")
        if not latest.change.same_labels:
            sentences.append("The two F1 are means over different labels.")
        sentences.append(_best_sentence(latest, trend))
    newer = len(trend.runs) - latest.number
    if newer:
        verb = "has" if newer == 1 else "have"
        sentences.append(f"{format_count(newer, 'newer run')} {verb} no score.")
    return " ".join(sentences)


def change_text(change: Change) -> str:
    """Write a change of the holdout F1, such as `+0.012`; what rounds to zero is `no change`."""
    text = format_change(change.f1)
    return "no change" if float(text) == 0 else text


def overlap_text(change: Change) -> str:
    """Say whether the two intervals overlap."""
    return "intervals overlap" if change.intervals_overlap else "intervals do not overlap"


def ended_text(run: PastRun) -> str:
    """Return in one word how a run ended: its decision, or else where it stands."""
    return run.score.decision if run.score is not None else run.state


def ground_title(ground: Ground | None) -> str:
    """Name a ground: the holdout by its number, and who trained."""
    if ground is None:
        return "Holdout not known"
    return f"Holdout {ground.number}{' on the emulator' if ground.backend == 'emulator' else ''}"


def ground_details(ground: Ground) -> str:
    """Say how large a ground's holdout is, and the first digits of its digest."""
    digits = f"digest {ground.holdout_digest[:_SHOWN_DIGITS]}"
    if ground.images is None:
        return digits
    return f"{format_count(ground.images, 'image')}, {digits}"


def runs_text(trend: Trend) -> str:
    """Count the runs and those that have a score."""
    return f"{format_count(len(trend.runs), 'run')}, {len(trend.scored):,} with a score"


def spent_sentence(trend: Trend) -> str:
    """Say what the runs cost together; of the emulator's, what they would have cost."""
    return " ".join(_spent(trend.spent_usd(backend), backend) for backend in trend.backends)


def _spent(dollars: float, backend: BackendKind) -> str:
    if backend == "aws":
        return f"{format_usd(dollars)} spent on AWS."
    return f"Nothing was paid for runs on the emulator; on AWS: {format_usd(dollars)}."


def _best_sentence(latest: TrendRun, trend: Trend) -> str:
    if latest.best_so_far:
        return "It is the highest on this holdout so far."
    ground = trend.ground(latest.ground)
    if ground is None or ground.best is None:
        return ""
    return f"The highest on this holdout is {_f1(ground.best)}, of run {ground.best.run_id}."


def _f1(run: PastRun) -> str:
    return format_ratio(run.score.holdout_f1) if run.score is not None else ""
