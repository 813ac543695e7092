"""Generators of data with planted faults in known places."""
