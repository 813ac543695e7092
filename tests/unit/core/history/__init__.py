"""Tests of rcl_flow.core.history.history."""
