"""`python -m website`: writes what is made of the code: references, schemas, numbers."""

from rcl_flow.config.published import schema_text
from rcl_flow.pipeline.runs.outcome_schema import outcome_schema
from website.commands_reference import commands_page
from website.config_reference import config_page
from website.pages import INDEX, ROOT, renumbered


def main() -> None:
    """Write the files into their places."""
    config_schema = schema_text()
    for place, text in (
        ("docs/reference/commands.md", commands_page()),
        ("docs/reference/config.md", config_page()),
        ("config/flow.schema.json", config_schema),
        ("config/ci-template/flow.schema.json", config_schema),
        ("config/run.schema.json", f"{outcome_schema()}\n"),
    ):
        (ROOT / place).write_text(text)
    INDEX.write_text(renumbered(INDEX.read_text()))


if __name__ == "__main__":
    main()
