"""Tests of rcl_flow.pipeline.images."""
