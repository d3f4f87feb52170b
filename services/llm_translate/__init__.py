"""Translates between OpenAI's format and other providers' with LiteLLM, in a process of its own."""
