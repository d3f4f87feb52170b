"""The hot path: a bare ASGI app before FastAPI's, for the few routes that make most of the calls."""
