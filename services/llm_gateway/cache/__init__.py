"""Answers that need no second call: the cache for temperature 0, and one call for many at once."""
