"""The keys that the environment gives: one for each provider."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class EnvironmentKey:
    secret: SecretStr
    name: str = "environment"


class EnvironmentKeys:
    """Keys by slug; there is never another one to try."""

    def __init__(self, keys: Mapping[str, SecretStr | None]) -> None:
        self._keys = {slug: EnvironmentKey(key) for slug, key in keys.items() if key is not None}

    def choose(self, slug: str) -> EnvironmentKey | None:
        return self._keys.get(slug)

    def failed(
        self, slug: str, name: str, status: int, retry_after: float | None, reason: str = ""
    ) -> None:
        pass

    def has_other(self, slug: str, name: str) -> bool:  # noqa: ARG002 - the interface
        return False
