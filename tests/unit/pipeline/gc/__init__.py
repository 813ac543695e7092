"""Tests of rcl_flow.pipeline.gc."""
