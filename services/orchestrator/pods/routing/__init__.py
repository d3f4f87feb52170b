"""Which pod a task goes to."""
