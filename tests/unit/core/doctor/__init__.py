"""Tests of rcl_flow.core.doctor."""
