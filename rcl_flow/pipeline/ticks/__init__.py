"""One short execution at a time, for schedulers; and what their workers do."""
