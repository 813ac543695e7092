"""A finished run as Markdown for a pull request."""

import re
from collections.abc import Iterable, Iterator, Sequence

from rcl_flow.core.scoring.advice import Advice
from rcl_flow.core.scoring.comparison import LabelComparison, Score
from rcl_flow.report.figures import (
    format_change,
    format_change_interval,
    format_count,
    format_interval,
    format_ratio,
    format_time,
)
from rcl_flow.report.judged_wording import (
    allowance_sentence,
    cautions,
    evaluation_sentence,
    gap_place,
    holdout_place,
)
from rcl_flow.report.label_rows import worst_first
from rcl_flow.report.page import ReportPage
from rcl_flow.report.wording import (
    STOPPED,
    backend_sentence,
    cost_sentence,
    decision_sentence,
    gain_text,
    status_sentence,
    task_sentence,
    verdict_sentence,
)

MOST_LABELS = 10
MOST_REASONS = 10
MOST_SENTENCES = 2
MOST_ADVICE = 3

_ACTIVE = re.compile(r"[\\`*_{}\[\]()<>#+!|~&$:\"']")
_SPACE = re.compile(r"\s+")
_PLAIN = re.compile(r"[\w.,@#+/ -]*\w[\w.,@#+/ -]*")
_TEXT = re.compile(r"[\\`*_<>|~&]|(?<=\])\(")


def render_markdown(page: ReportPage) -> str:
    """Render the report as GitHub-flavoured Markdown, short enough for a comment."""
    blocks = [
        *_evaluation(page),
        f"## {_text(decision_sentence(page.decision))}",
        _text(verdict_sentence(page.comparison)),
        *_reasons(page),
        *_notes(page),
        *_warnings(page),
        _scores(page),
        *_labels(page),
        *_why(page),
        *_advice(page),
        f"**Cost.** {_text(cost_sentence(page.cost, page.prices, page.provenance))}",
        _footer(page),
    ]
    return "\n\n".join(blocks) + "\n"


def _evaluation(page: ReportPage) -> Iterator[str]:
    if page.evaluation is not None:
        yield f"**{_text(evaluation_sentence(page.evaluation, page.provenance.run_id))}**"


def _reasons(page: ReportPage) -> Iterator[str]:
    reasons = page.decision.reasons
    lines = [f"- {_text(reason.message)}" for reason in reasons[:MOST_REASONS]]
    if len(reasons) > MOST_REASONS:
        lines.append(f"- and {format_count(len(reasons) - MOST_REASONS, 'more reason')}")
    if lines:
        yield "\n".join(lines)


def _notes(page: ReportPage) -> Iterator[str]:
    for sentence in (task_sentence(page.comparison), page.provenance.data_description):
        if sentence:
            yield _text(sentence)


def _warnings(page: ReportPage) -> Iterator[str]:
    provenance = page.provenance
    if provenance.model_status != STOPPED:
        yield f"> **Warning.** {_text(status_sentence(provenance))}"
    if provenance.backend == "emulator":
        yield f"> **Note.** {_text(backend_sentence(provenance))}"
    for caution in cautions(page):
        yield f"> **Caution.** {_text(caution)}"


def _scores(page: ReportPage) -> str:
    comparison = page.comparison
    change = (
        f"**{format_change(comparison.gap.f1)}** {format_change_interval(comparison.gap.interval)}"
    )
    margin = f"Gap{_placed(gap_place(comparison))}, margin {format_ratio(page.rules.gap_margin)}"
    chosen, assumed = holdout_place(comparison), comparison.holdout_at_assumed
    also = [(f"Holdout{_placed(gap_place(comparison))}", *_score_cells(assumed))] if assumed else []
    return _table(
        ("", "Images", "Precision", "Recall", "F1"),
        (
            ("Test, by the service", *_score_cells(comparison.test)),
            (f"Holdout, unseen images{_placed(chosen)}", *_score_cells(comparison.holdout)),
            *also,
            (margin, "", "", "", change),
        ),
    )


def _placed(place: str) -> str:
    return f", {place}" if place else ""


def _score_cells(score: Score) -> tuple[str, ...]:
    return (
        str(score.images),
        format_ratio(score.precision),
        format_ratio(score.recall),
        f"**{format_ratio(score.f1)}** {format_interval(score.f1_interval)}",
    )


def _labels(page: ReportPage) -> Iterator[str]:
    comparison = page.comparison
    labels = comparison.labels
    judged = [entry for entry in worst_first(labels) if entry.gap is not None]
    shown = judged[:MOST_LABELS]
    if len(shown) < len(judged):
        yield f"The {MOST_LABELS} of {format_count(len(judged), 'label')} with the largest fall:"
    yield _table(
        (
            *("Label", "Images", "F1 test"),
            f"F1 holdout{_placed(holdout_place(comparison))}",
            f"Gap{_placed(gap_place(comparison))}",
            "Verdict",
        ),
        (_label_cells(entry) for entry in shown),
    )
    allowance = allowance_sentence(comparison, page.rules)
    if allowance:
        yield _text(allowance)
    missing = [entry.label for entry in labels if entry.gap is None]
    if missing:
        names = ", ".join(_label(label) for label in missing[:MOST_LABELS])
        more = len(missing) - MOST_LABELS
        rest = f" and {format_count(more, 'more label')}" if more > 0 else ""
        yield f"Not in the holdout, so nothing is known about: {names}{rest}."


def _label_cells(entry: LabelComparison) -> tuple[str, ...]:
    if entry.holdout is None or entry.gap is None:
        return (_label(entry.label), "0", format_ratio(entry.test.f1), "", "", "not in the holdout")
    return (
        _label(entry.label),
        str(entry.holdout.images),
        format_ratio(entry.test.f1),
        f"{format_ratio(entry.holdout.f1)} {format_interval(entry.holdout.f1_interval)}",
        f"{format_change(entry.gap.f1)} "
        f"{format_change_interval(entry.gap.corrected_interval or entry.gap.interval)}",
        entry.gap.verdict,
    )


def _why(page: ReportPage) -> Iterator[str]:
    sentences = page.analysis.reasons.sentences[:MOST_SENTENCES] if page.analysis else ()
    if sentences:
        yield f"**Why.** {_text(' '.join(sentences))}"


def _advice(page: ReportPage) -> Iterator[str]:
    advice = page.analysis.advice if page.analysis else ()
    if not advice:
        return
    lines = [f"{number}. {_told(each)}" for number, each in enumerate(advice[:MOST_ADVICE], 1)]
    yield "\n".join(["**What to do next**", "", *lines])
    if len(advice) > MOST_ADVICE:
        yield f"and {format_count(len(advice) - MOST_ADVICE, 'further piece')} of advice."


def _told(advice: Advice) -> str:
    gain = gain_text(advice)
    return f"{_text(advice.told)} ({gain})" if gain else _text(advice.told)


def _footer(page: ReportPage) -> str:
    provenance, evaluation = page.provenance, page.evaluation
    what = f"judged {format_time(evaluation.judged_at)}, evaluation of run" if evaluation else "run"
    return (
        f"<sub>rcl-flow {_text(provenance.program_version)}, {what} {_label(provenance.run_id)}, "
        f"project {_label(provenance.project)}, model {_text(provenance.model_status)}</sub>"
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = "| --- " + "| ---: " * (len(heads) - 1) + "|"
    lines = (f"| {' | '.join(cells)} |" for cells in (heads, *rows))
    first, *rest = lines
    return "\n".join([first, rule, *rest])


def _label(label: str) -> str:
    """Write a label as code, so that nothing in it is Markdown, HTML or a mention."""
    flat = _SPACE.sub(" ", label)
    if _PLAIN.fullmatch(flat):
        return f"`{flat}`"
    return f"<code>{_ACTIVE.sub(_entity, flat)}</code>"


def _text(sentence: str) -> str:
    """Write a sentence so that names in it are neither Markdown, HTML nor a mention."""
    return _TEXT.sub(_entity, _SPACE.sub(" ", sentence)).replace("@", "@<!-- -->")


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"
