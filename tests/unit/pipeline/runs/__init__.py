"""Tests of rcl_flow.pipeline.runs."""
