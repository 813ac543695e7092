"""Whom a run tells: other programs, monitoring systems, MLflow."""
