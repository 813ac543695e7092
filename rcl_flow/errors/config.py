"""What is wrong with a config, a command line or what they name."""

from rcl_flow.errors.root import RclFlowError


class ConfigError(RclFlowError):
    """The config or the command line is wrong."""

    slug = "config-invalid"
    exit_code = 2


class ConfigNotFoundError(ConfigError):
    """The config file does not exist or cannot be read."""

    slug = "config-not-found"


class DataNotFoundError(ConfigError):
    """A folder or manifest that the config names does not exist or holds no images."""

    slug = "data-not-found"


class AnnotationsUnreadableError(ConfigError):
    """A file of annotations is not in the form of its format."""

    slug = "annotations-unreadable"


class ConsentNeededError(ConfigError):
    """The next step costs money on real AWS and nobody agreed to it."""

    slug = "consent-needed"


class ExecutorUnavailableError(ConfigError):
    """The cluster of the executor that the config names does not answer."""

    slug = "executor-unavailable"


class ExtraMissingError(ConfigError):
    """The config, or a call from Python, needs an optional package, which is not installed."""

    slug = "extra-missing"


class RetrainingUnderWayError(ConfigError):
    """Images were given for one retraining while another one goes on without them."""

    slug = "retraining-under-way"


class UnknownRunError(ConfigError):
    """No run of that name is in the workspace."""

    slug = "run-unknown"


class UnknownChampionError(ConfigError):
    """There is no champion to go back to, or its model is gone."""

    slug = "champion-unknown"


class ChampionProtectedError(ConfigError):
    """What is to be removed belongs to the project's champion."""

    slug = "champion-protected"


class ModelKeptError(ConfigError):
    """What is to be removed is a model that is kept running on purpose."""

    slug = "model-kept"
