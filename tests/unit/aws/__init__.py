"""Tests of the gateways to AWS, against the emulator."""
