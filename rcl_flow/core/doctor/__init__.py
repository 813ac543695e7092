"""What the doctor finds, and the permissions that a config needs."""
