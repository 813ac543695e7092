"""How many inference units, how many calls a second, and whose a running model is."""
