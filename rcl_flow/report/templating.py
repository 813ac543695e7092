"""The HTML templates of the pages, with the filters by which they write figures."""

from base64 import b64encode
from functools import cache
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined

from rcl_flow.report import figures, practices, wording


def render_template(name: str, **values: object) -> str:
    """Render one of the templates; every value is text unless it is Markup."""
    return _environment().get_template(name).render(**values)


def source_hash(name: str) -> str:
    """Return the hash by which a page's security policy admits one inline block."""
    source = render_template(name)
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("rcl_flow.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "ratio": figures.format_ratio,
        "threshold": figures.format_threshold,
        "interval": figures.format_interval,
        "change": figures.format_change,
        "change_interval": figures.format_change_interval,
        "chance": figures.format_chance,
        "percent": figures.format_percent,
        "counted": figures.format_count,
        "duration": figures.format_seconds,
        "usd": figures.format_usd,
        "moment": figures.format_time,
        "gain": wording.gain_text,
        "label": wording.label_text,
        "file_name": wording.file_name,
        "practice": practices.practice_text,
    }
    return environment
