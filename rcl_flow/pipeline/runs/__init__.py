"""A run: opened once, its steps journaled and announced, its outcome."""
