"""A model that runs: its start, its watchdog, and its stop, read back."""
