"""Embeddings: Nova's own route and OpenAI's."""
