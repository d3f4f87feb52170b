"""Settings of llm-translate."""

from services.kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Providers' keys and addresses come with each call from llm-gateway, not from here."""

    nova_provider_timeout_seconds: float = 600.0
    """How long a provider may be silent."""
