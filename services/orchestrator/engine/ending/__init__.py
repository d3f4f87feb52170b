"""How a run leaves its task."""
