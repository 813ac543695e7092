"""Typed results rendered to pages and documents, without I/O."""
