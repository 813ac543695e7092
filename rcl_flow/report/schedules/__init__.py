"""A config on a schedule, as the texts that other programs read: pure renderers."""
