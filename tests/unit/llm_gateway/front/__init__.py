"""Unit tests of the hot path."""
