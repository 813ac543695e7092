"""Tests of rcl_flow.report."""
