"""Systems beside AWS that are told of a run: webhooks and experiment tracking."""
