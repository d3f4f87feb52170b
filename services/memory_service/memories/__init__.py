"""Memories: store, read, list, change, delete."""
