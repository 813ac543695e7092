"""Tests of rcl_flow.core.serving."""
