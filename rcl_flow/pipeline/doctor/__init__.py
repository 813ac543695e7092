"""A look at all that a run will need, before it is paid for."""
