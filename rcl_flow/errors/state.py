"""What keeps the program's own state, files or emulator from being used."""

from rcl_flow.errors.root import RclFlowError


class StoreError(RclFlowError):
    """The state store cannot be read or written."""

    slug = "store-broken"
    exit_code = 7


class ShardsLostError(StoreError):
    """Shards of a step were handed out again and again and have no result."""

    slug = "shards-lost"


class ChampionChangedError(StoreError):
    """The champion was changed by somebody else while a decision about it was made."""

    slug = "champion-changed"


class RunHeldError(StoreError):
    """Another run holds the lease of the project."""

    slug = "run-held"


class LeaseLostError(StoreError):
    """Another run has taken the lease over while this one was asleep or cut off."""

    slug = "lease-lost"


class LocalFilesError(RclFlowError):
    """A local file cannot be written: disk full, read-only or not permitted."""

    slug = "local-files"
    exit_code = 12


class EmulatorUnavailableError(RclFlowError):
    """The emulator is not installed, did not start or does not answer."""

    slug = "emulator-unavailable"
    exit_code = 13
