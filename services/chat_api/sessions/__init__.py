"""A client's connection: who it is, what it says, and what it is told."""
