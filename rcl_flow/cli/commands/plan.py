"""`rcl-flow plan`: what a run would do and cost."""

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import ConfigArgument, JsonOption, OverlayOption, SetOption


def plan(
    config: ConfigArgument,
    as_json: JsonOption = False,
    overrides: SetOption = None,
    overlays: OverlayOption = None,
) -> None:
    """Say what a run would reuse, create, call and cost. Nothing is changed.

    `+` is new, `~` replaced, `=` left as it is, `!` refused: the run would end there.

    Example: rcl-flow plan config/demo.yaml
    """
    from rcl_flow.cli.planning import show_plan
    from rcl_flow.cli.reading import read_config

    show_plan(read_config(config, overrides, overlays), Console(as_json=as_json))
