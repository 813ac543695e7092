"""Tests of rcl_flow.pipeline.state."""
