"""Scenarios that come with the emulator, as YAML files."""
