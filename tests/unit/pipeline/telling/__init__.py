"""Tests of rcl_flow.pipeline.telling."""
