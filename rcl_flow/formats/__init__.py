"""Readers and writers between annotation formats and the core's datasets."""
