"""Calls that are neither chat nor embeddings: rerank, audio, images; passed through."""
