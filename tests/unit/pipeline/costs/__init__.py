"""Tests of rcl_flow.pipeline.costs."""
