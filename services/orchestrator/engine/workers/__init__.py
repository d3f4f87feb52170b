"""The worker processes that there are."""
