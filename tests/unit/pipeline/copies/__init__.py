"""Tests of rcl_flow.pipeline.copies."""
