"""What the translation bench starts: instant providers, and LiteLLM behind FastAPI."""
