"""Which AWS, or which emulator, something belongs to."""

from typing import Literal

from rcl_flow.core.values import Frozen


class Backend(Frozen):
    """Which AWS, or which emulator, a run belongs to; enough to reach it again."""

    kind: Literal["aws", "emulator"]
    region: str
    profile: str | None = None
    role_arn: str | None = None
    endpoint_url: str | None = None
    account: str = ""
    """Whose resources; 12 digits, asked for when the backend is opened."""
    emulator_instance: str = ""
    """Another emulator process has other resources, so what was journaled is not there."""

    @property
    def identity(self) -> str:
        """What journaled results are valid for."""
        if self.kind == "emulator":
            return f"emulator:{self.emulator_instance}"
        return f"aws:{self.account}:{self.region}" + (
            f":{self.endpoint_url}" if self.endpoint_url else ""
        )
