"""The deployment: its template, its state machine run by an interpreter, and its permissions."""
