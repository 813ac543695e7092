"""Tests of rcl_flow.pipeline.promotion."""
