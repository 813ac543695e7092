"""How Sphinx makes the site of what `website.staging` has laid out."""

import shutil
import tomllib
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_ROOT = _HERE.parent

project = "rcl-flow"
release = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]["version"]
root_doc = "index"
extensions = ["myst_parser", "sphinx_copybutton"]
templates_path = [str(_HERE / "templates")]
myst_heading_anchors = 4
# two hyphens are the beginning of an option, not a dash
smartquotes = False
# output of a command is no program
highlight_language = "none"
# an index of Python names and a copy of each page's source serve nobody here
html_use_index = False
html_copy_source = False
html_show_sphinx = False
# the footer of templates/page.html says under which licence
html_show_copyright = False

# output is not there to be typed, nor is what stands before a command
copybutton_selector = 'div[class*="highlight-"]:not(.highlight-none) pre'
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True
copybutton_line_continuation_character = "\\"

html_theme = "furo"
html_title = "rcl-flow"
html_favicon = str(_HERE / "static" / "favicon.svg")
html_static_path = [str(_HERE / "static")]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_search_scorer = str(_HERE / "search_scorer.js")
html_theme_options = {
    "top_of_page_buttons": [],
    "light_css_variables": {
        "color-brand-primary": "#0b5cad",
        "color-brand-content": "#0b5cad",
        "color-brand-visited": "#0b5cad",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7cb7ff",
        "color-brand-content": "#7cb7ff",
        "color-brand-visited": "#7cb7ff",
    },
}


def setup(app: Any) -> None:  # noqa: ANN401
    """Put the licence beside the pages, where the footer leads."""
    app.connect("build-finished", _copy_licence)


def _copy_licence(app: Any, failure: Exception | None) -> None:  # noqa: ANN401
    if failure is None:
        shutil.copyfile(_ROOT / "LICENSE", Path(app.outdir) / "LICENSE.txt")
