"""Tests of rcl_flow.pipeline.ticks."""
