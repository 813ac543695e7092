"""Tests of rcl_flow.pipeline.history."""
