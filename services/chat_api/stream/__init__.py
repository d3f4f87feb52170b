"""A session's events on their way from the orchestrator to a client."""
