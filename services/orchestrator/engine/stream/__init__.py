"""Events: numbered in PostgreSQL, live through Redis, read exactly once."""
