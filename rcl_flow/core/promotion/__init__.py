"""Whether a model is accepted, takes the champion's place, and does the same as a copy."""
