"""Tests of the emulator's data."""
