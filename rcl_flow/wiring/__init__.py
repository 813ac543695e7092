"""The composition root: from a config to services, stores, sinks and executors."""
