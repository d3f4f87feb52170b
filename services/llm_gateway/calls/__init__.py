"""One call from its targets to its settlement."""
