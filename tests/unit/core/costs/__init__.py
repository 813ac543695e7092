"""Tests of rcl_flow.core.costs."""
