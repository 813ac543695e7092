"""Tests of the emulator's service."""
