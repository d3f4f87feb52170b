"""Deterministic scanners over a task's result, files and sources, before any model judges them."""
