"""How Sphinx makes the site of what `website.staging` has laid out."""

from pathlib import Path

project = "rcl-flow"
root_doc = "index"
extensions = ["myst_parser"]
myst_heading_anchors = 4
# two hyphens are the beginning of an option, not a dash
smartquotes = False
# output of a command is no program
highlight_language = "none"
# an index of Python names and a copy of each page's source serve nobody here
html_use_index = False
html_copy_source = False
html_show_sphinx = False

html_theme = "furo"
html_title = "rcl-flow"
html_static_path = [str(Path(__file__).parent / "static")]
html_css_files = ["site.css"]
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
