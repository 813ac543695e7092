"""Tests of the texts that put a config on a schedule."""
