"""Training again, on a schedule, where the policy says so."""
