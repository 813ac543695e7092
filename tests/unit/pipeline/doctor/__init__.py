"""Tests of rcl_flow.pipeline.doctor."""
