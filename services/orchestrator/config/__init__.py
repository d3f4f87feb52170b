"""The platform's configuration."""
