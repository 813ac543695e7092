"""What the service says of a training: its codes, its evaluation, and a dataset's changes."""
