"""The sentences about a project's history that its page and the terminal share."""

from rcl_flow.core.history.history import Change, Ground, Trend, TrendRun
from rcl_flow.core.history.past_runs import BackendKind, Basis, PastRun
from rcl_flow.report.figures import format_change, format_count, format_ratio, format_usd

_SHOWN_DIGITS = 8


def headline_sentence(trend: Trend) -> str:
    """Say what the latest score is, and how it stands to the one before on the same holdout."""
    if not trend.scored:
        return "No run has a score yet."
    latest = trend.scored[-1]
    score = f"Holdout F1 {_f1(latest.run)}"
    if latest.apart_from is not None:
        return f"{score}, not comparable with the scores before on this holdout."
    if latest.change is None:
        return f"{score}, the first score on this holdout."
    since = (
        f"run {latest.change.since.run_id}"
        if latest.change.passed_over
        else "the run before on this holdout"
    )
    at_assumed = " at the assumed thresholds" if latest.change.at_assumed else ""
    return f"{score}, {change_text(latest.change)} since {since}{at_assumed}."


def change_sentence(trend: Trend) -> str:
    """Say what else is known of the latest change, which run is the best, and what came after."""
    if not trend.scored:
        return ""
    latest = trend.scored[-1]
    sentences = [_model_sentence(latest)]
    if latest.apart_from is not None:
        sentences.append(f"{apart_text(latest).capitalize()}.")
    if latest.change is not None:
        sentences.append(f"Their {overlap_text(latest.change)}.")
        if not latest.change.same_labels:
            sentences.append("The two F1 are means over different labels.")
        sentences.append(_best_sentence(latest, trend))
    newer = len(trend.runs) - latest.number
    if newer:
        verb = "has" if newer == 1 else "have"
        sentences.append(f"{format_count(newer, 'newer run')} {verb} no score.")
    return " ".join(sentence for sentence in sentences if sentence)


def basis_text(basis: Basis) -> str:
    """Say what a score was taken on: how many images, and at which thresholds."""
    thresholds = f"{basis.thresholds} thresholds"
    if basis.images is None:
        return thresholds
    return f"{format_count(basis.images, 'image')} judged, {thresholds}"


def apart_text(each: TrendRun) -> str:
    """Say why a score cannot be compared with the last on its holdout; empty where it can."""
    if each.apart_from is None or each.run.score is None or each.apart_from.score is None:
        return ""
    now, then = each.run.score.basis, each.apart_from.score.basis
    if now.images != then.images:
        return f"other images judged ({_images(now)}, before {_images(then)})"
    return f"other thresholds ({now.thresholds}, before {then.thresholds})"


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


def _images(basis: Basis) -> str:
    return "not known" if basis.images is None else f"{basis.images:,}"


def _model_sentence(latest: TrendRun) -> str:
    if latest.same_model_as is None:
        return ""
    return f"It is the same model as that of run {latest.same_model_as.run_id}."


def _best_sentence(latest: TrendRun, trend: Trend) -> str:
    if latest.best_so_far:
        return f"It is the highest on this holdout so far{_alike(latest, trend)}."
    ground = trend.ground(latest.ground)
    if ground is None or ground.best is None:
        return ""
    return (
        f"The highest on this holdout{_alike(latest, trend)} is {_f1(ground.best)}, of run "
        f"{ground.best.run_id}."
    )


def _alike(latest: TrendRun, trend: Trend) -> str:
    """Say among which scores one is the highest, where the holdout has several kinds."""
    ground = trend.ground(latest.ground)
    if ground is None or len(ground.standings) == 1:
        return ""
    return f" ({basis_text(ground.standings[-1].basis)})"


def _f1(run: PastRun) -> str:
    return format_ratio(run.score.holdout_f1) if run.score is not None else ""
