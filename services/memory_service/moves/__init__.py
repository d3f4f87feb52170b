"""Moving all memories to another embedding model, in the background."""
