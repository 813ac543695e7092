"""Tests of rcl_flow.core.training."""
