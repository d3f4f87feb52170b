"""What a call asks of the health of a provider, and tells it."""

from typing import Protocol

from services.kit.errors import NovaError


class Breaker(Protocol):
    """By a provider's slug."""

    def allows(self, slug: str) -> bool:
        """Whether the provider may be asked now."""
        ...

    def succeeded(self, slug: str) -> None: ...

    def failed(self, slug: str, error: NovaError) -> None: ...


class AlwaysClosed:
    """Lets every call through."""

    def allows(self, slug: str) -> bool:  # noqa: ARG002 - the interface
        return True

    def succeeded(self, slug: str) -> None:
        pass

    def failed(self, slug: str, error: NovaError) -> None:
        pass
