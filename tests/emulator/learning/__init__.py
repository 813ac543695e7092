"""Tests of the emulator's learning."""
