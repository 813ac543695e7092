"""The base of the config's sections."""

from rcl_flow.core.values import Frozen


class Section(Frozen, defer_build=True):
    """A section; what checks it is built once, with the whole config, not for every section."""
