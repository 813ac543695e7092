"""`rcl-flow doctor`: whether a run of a config can work, before it is tried."""

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import ConfigArgument, JsonOption, OverlayOption, SetOption


def doctor(
    config: ConfigArgument,
    as_json: JsonOption = False,
    overrides: SetOption = None,
    overlays: OverlayOption = None,
) -> None:
    """Check credentials, clock, region, bucket, permissions, quotas, running models, watchdog.

    Makes nothing that stays or bills. Exits 4 when there is a problem.

    Example: rcl-flow doctor flow.yaml --set backend=aws
    """
    from rcl_flow.cli.doctoring import drive_doctor
    from rcl_flow.cli.reading import read_config

    drive_doctor(read_config(config, overrides, overlays), Console(as_json=as_json))
