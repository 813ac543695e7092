"""The workflow: a straight line of steps, its journal and its store."""
