"""What old runs have made, and its removal."""
