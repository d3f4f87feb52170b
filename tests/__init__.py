"""Nova's tests."""
