"""A pipeline task that works in a git repository of its own, merged into the workspace at its end."""
