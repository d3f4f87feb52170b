"""Tasks given to one agent: submission, result, cancel, events."""
