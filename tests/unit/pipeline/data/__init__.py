"""Tests of rcl_flow.pipeline.data."""
