"""Tests of the integrations, module by module."""
