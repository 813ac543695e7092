"""Tests of rcl_flow.pipeline.training."""
