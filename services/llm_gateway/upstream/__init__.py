"""The way to the providers: one pool of connections a process, and what can go wrong on it."""
