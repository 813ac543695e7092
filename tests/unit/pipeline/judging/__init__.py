"""Tests of rcl_flow.pipeline.judging."""
