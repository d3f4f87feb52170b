"""Clients as people use them, unmodified, each run in its own environment against a gateway."""
