"""What a run costs, how long it takes, and what its budget says to that."""
