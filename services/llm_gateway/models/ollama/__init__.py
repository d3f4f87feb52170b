"""Ollama's own models: what it has, pulling and deleting them, and waking its machine."""
