"""What was spent, what the next training will bill, and what an hour of a model costs."""
