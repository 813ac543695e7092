"""Runs that are killed, starved, raced and lied to; afterwards the bill is looked at."""
