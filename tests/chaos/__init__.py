"""Storms over a whole Nova: what is killed, what must be true afterwards. `scripts/chaos` runs them."""
