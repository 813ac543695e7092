"""Manifests and images as the service judges them: lines, catalogue, import, split."""
