"""Tests of rcl_flow.core.datasets."""
