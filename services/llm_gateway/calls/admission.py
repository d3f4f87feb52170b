"""Whether a caller may make a call now: its model, its requests and tokens per minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.kit.auth import Principal


@dataclass(frozen=True, slots=True)
class Admitted:
    """`headers` (x-ratelimit-…) go to the client with the answer."""

    headers: Sequence[tuple[str, str]] = ()

    def used(self, tokens: int) -> None:
        """The call has ended, and took so many tokens."""


class Admission(Protocol):
    async def admit(self, principal: Principal, target_id: str, tokens: int) -> Admitted:
        """`tokens` is the estimate. Raises LimitExceeded with Retry-After, or Forbidden."""
        ...


ADMITTED = Admitted()


class AdmitsAll:
    """No limits."""

    async def admit(self, principal: Principal, target_id: str, tokens: int) -> Admitted:  # noqa: ARG002 - the interface
        return ADMITTED
