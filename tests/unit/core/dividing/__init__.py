"""Tests of rcl_flow.core.dividing."""
