"""Serves the built dashboard and proxies its calls to the services behind it."""
