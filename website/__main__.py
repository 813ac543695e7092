"""`python -m website`: writes the generated pages of docs/reference, and numbers the index."""

from website.commands_reference import commands_page
from website.config_reference import config_page
from website.pages import DOCS, INDEX, renumbered


def main() -> None:
    """Write the pages into their places."""
    for name, text in (("commands", commands_page()), ("config", config_page())):
        (DOCS / "reference" / f"{name}.md").write_text(text)
    INDEX.write_text(renumbered(INDEX.read_text()))


if __name__ == "__main__":
    main()
