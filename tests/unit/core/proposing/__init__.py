"""Tests of rcl_flow.core.proposing."""
