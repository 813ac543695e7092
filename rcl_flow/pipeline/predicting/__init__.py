"""Asking a model for images, and keeping every answer."""
