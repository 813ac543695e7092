"""Tests of rcl_flow.pipeline.sharding."""
