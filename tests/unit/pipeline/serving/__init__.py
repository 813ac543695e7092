"""Tests of rcl_flow.pipeline.serving."""
