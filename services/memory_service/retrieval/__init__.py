"""Finding memories: hybrid search and the context for a prompt."""
