"""Tests of rcl_flow.pipeline.retraining."""
