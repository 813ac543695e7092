"""Tests of rcl_flow.core.promotion.promotion."""
