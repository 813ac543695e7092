"""Tests of linting manifests."""
