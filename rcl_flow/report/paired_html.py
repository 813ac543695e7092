"""Two compared runs as one HTML page that loads nothing from anywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rcl_flow.core.scoring.changed_images import ChangedImage, ModelAnswer
from rcl_flow.core.scoring.judging import MarkedBox
from rcl_flow.core.scoring.paired import LabelDifference, PairedComparison
from rcl_flow.report import paired_wording
from rcl_flow.report.charts import Axis, ChartRow, axis_over, score_chart
from rcl_flow.report.figures import Interval, format_change, format_change_interval
from rcl_flow.report.paired_page import PairedPage
from rcl_flow.report.templating import render_template, source_hash

MOST_CARDS = 48
"""Of the fixed images, and as many of the broken ones."""
PICTURE_BUDGET_CHARACTERS = 3_500_000
"""Pictures beyond this are left out, so that the page stays below 5 MB."""

_DATA_IMAGE = "data:image/"
_UNIT = 1
_BAR = Markup(
    '<svg class="bar" width="{width}" height="20" role="img" aria-label="{title}">'
    '<rect class="band" x="{start}" y="0" width="{inside}" height="20"/>'
    '<line class="track" x1="0" x2="100%" y1="10" y2="10"/>'
    '<line class="zero" x1="{zero}" x2="{zero}" y1="1" y2="19"/>'
    '<line class="interval gap" x1="{low}" x2="{high}" y1="10" y2="10"/>'
    '<circle class="point gap" cx="{point}" cy="10" r="5"/></svg>'
)
_TICKS = Markup('<svg class="chart" width="100%" height="22" aria-hidden="true">{}</svg>')
_TICK = Markup(
    '<line class="tick" x1="{x}" x2="{x}" y1="0" y2="6"/>'
    '<text class="tick-text" x="{x}" y="18" text-anchor="middle">{value}</text>'
)


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One label with its difference drawn."""

    entry: LabelDifference
    bar: Markup


@dataclass(frozen=True, slots=True)
class Said:
    """What one model said of an image: labels with their confidence, None where it gave none."""

    model: str
    named: tuple[tuple[str, float | None], ...]


@dataclass(frozen=True, slots=True)
class ChangedCard:
    """One image that one model judges rightly and the other does not."""

    image: ChangedImage
    said: tuple[Said, Said]
    picture: str | None
    """A `data:` URI, or None when there is no thumbnail."""
    frames: tuple[MarkedBox, ...]
    """The boxes of the model that is wrong; none where the image's size is not known."""


def render_paired_html(page: PairedPage) -> str:
    """Render the comparison as one self-contained HTML document, below 5 MB."""
    comparison = page.comparison
    axis = _axis(comparison)
    pictures = _affordable(page)
    return render_template(
        "paired.html",
        page=page,
        style_hash=source_hash("page.css"),
        script_hash=source_hash("page.js"),
        headline=paired_wording.paired_sentence(comparison, page.kinship),
        regressions=paired_wording.regression_sentence(comparison),
        agreement=paired_wording.mcnemar_sentence(comparison.mcnemar),
        left_out=paired_wording.left_out_sentence(comparison),
        score_chart=_score_chart(comparison),
        difference=_difference_chart(comparison, axis),
        axis=axis,
        labels=[_row(entry, comparison.margin, axis) for entry in comparison.labels],
        fixed=_cards(comparison.fixed, pictures, wrong_first=True),
        broken=_cards(comparison.broken, pictures, wrong_first=False),
        p_text=paired_wording.p_text,
        label_verdict=paired_wording.label_verdict,
        thresholds_text=paired_wording.thresholds_text,
    )


def shown_images(comparison: PairedComparison) -> tuple[ChangedImage, ...]:
    """Return the images of which the page can show a picture."""
    return comparison.broken[:MOST_CARDS] + comparison.fixed[:MOST_CARDS]


def difference_bar(
    name: str, change: float, interval: Interval, margin: float, axis: Axis, *, width: str = "96"
) -> Markup:
    """Draw a difference with its interval, over the margin in which it does not matter."""
    at = axis.percent
    text = f"{name}: F1 {format_change(change)} {format_change_interval(interval)}"
    return _BAR.format(
        title=text,
        width=width,
        start=_at(at(-margin)),
        inside=_at(at(margin) - at(-margin)),
        zero=_at(at(0.0)),
        low=_at(at(interval[0])),
        high=_at(at(interval[1])),
        point=_at(at(change)),
    )


def _difference_chart(comparison: PairedComparison, axis: Axis) -> Markup:
    """Draw the difference of all labels over an axis with its values."""
    bar = difference_bar(
        "All labels", comparison.f1, comparison.interval, comparison.margin, axis, width="100%"
    )
    ticks = Markup("").join(
        _TICK.format(x=_at(axis.percent(tick)), value=format_change(tick)) for tick in axis.ticks
    )
    return bar + _TICKS.format(ticks)


def _axis(comparison: PairedComparison) -> Axis:
    ends = [*comparison.interval, -comparison.margin, comparison.margin]
    for entry in comparison.labels:
        ends += [*entry.corrected_interval, entry.f1]
    return axis_over(ends, bounds=(-1.0, 1.0))


def _score_chart(comparison: PairedComparison) -> Markup:
    first, second = comparison.first, comparison.second
    return score_chart(
        (
            ChartRow("First", "test", first.f1, first.f1_interval),
            ChartRow("Second", "holdout", second.f1, second.f1_interval),
        )
    )


def _row(entry: LabelDifference, margin: float, axis: Axis) -> LabelRow:
    bar = difference_bar(entry.label, entry.f1, entry.corrected_interval, margin, axis)
    return LabelRow(entry, bar)


def _affordable(page: PairedPage) -> Mapping[str, str]:
    left, kept = PICTURE_BUDGET_CHARACTERS, {}
    for image in shown_images(page.comparison):
        uri = page.thumbnails.get(image.sha256, "")
        if uri.startswith(_DATA_IMAGE) and len(uri) <= left:
            kept[image.sha256] = uri
            left -= len(uri)
    return kept


def _cards(
    images: Sequence[ChangedImage], pictures: Mapping[str, str], *, wrong_first: bool
) -> tuple[ChangedCard, ...]:
    return tuple(
        ChangedCard(
            image=image,
            said=(_said("First said", image.first), _said("Second said", image.second)),
            picture=pictures.get(image.sha256),
            frames=_frames(image, image.first if wrong_first else image.second),
        )
        for image in images[:MOST_CARDS]
    )


def _said(model: str, answer: ModelAnswer) -> Said:
    confidences = answer.confidences_percent
    return Said(model, tuple((label, confidences.get(label)) for label in answer.predicted))


def _frames(image: ChangedImage, answer: ModelAnswer) -> tuple[MarkedBox, ...]:
    return answer.boxes if min(image.width_pixels, image.height_pixels) > _UNIT else ()


def _at(percent: float) -> str:
    return f"{percent:.2f}%"
