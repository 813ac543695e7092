"""Labelled images as values, and the manifest lines that the service knows them by."""
