"""Who Nova is, from the configuration."""

from contracts.administration import Identity
from services.kit.config import ConfigCache

_NAME = "Nova"
_GREETING = "Hello, I am {name}. What shall I do?"


def identity(config: ConfigCache) -> Identity:
    """Name and greeting; the shipped ones while the database has not been read yet."""
    name = str(config.get("nova.name", _NAME))
    greeting = str(config.get("nova.greeting", _GREETING))
    # Not str.format: the greeting is a user's text and may hold any braces.
    return Identity(name=name, greeting=greeting.replace("{name}", name))
