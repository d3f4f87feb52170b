"""Chat: turns with the primary agent, and what a turn of any agent does."""
