"""Tests of rcl_flow.core.retraining.retraining."""
