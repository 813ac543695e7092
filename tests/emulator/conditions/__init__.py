"""Tests of the emulator's conditions."""
