"""Tests of rcl_flow.pipeline.predicting."""
