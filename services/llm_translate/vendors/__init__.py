"""One provider one file: its wire format, by LiteLLM's transformations over Nova's connections."""
