"""Tests of rcl_flow.core.augmenting."""
