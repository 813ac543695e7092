"""Tests of the steps of a run, against the emulator."""
