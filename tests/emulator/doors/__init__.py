"""Tests of the emulator's doors."""
