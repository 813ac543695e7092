"""What a model's answers are worth: scores, comparisons, reports, and finished runs as data."""
