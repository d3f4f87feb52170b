"""Makes a call with a provider's keys in turn, where the one before was refused or is limited."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.providers.base import Credential, Credentials

T = TypeVar("T")

_ANOTHER_KEY_HELPS = frozenset({401, 402, 403, 429})
_MOST_KEYS = 4

Refused = Callable[[Credential, UpstreamError], bool]
"""Notes the failure; whether there is another key to try."""


def key_failed(credentials: Credentials, slug: str, name: str, error: UpstreamError) -> bool:
    """Note that a key was refused or is limited. Whether there is another one to try."""
    if error.provider_status not in _ANOTHER_KEY_HELPS:
        return False
    credentials.failed(slug, name, error.provider_status, error.retry_after, error.message)
    return credentials.has_other(slug, name)


async def posted(
    key: Callable[[], Credential], refused: Refused, work: Callable[[Credential], Awaitable[T]]
) -> T:
    for left in reversed(range(_MOST_KEYS)):
        chosen = key()
        try:
            return await work(chosen)
        except UpstreamError as error:
            if not refused(chosen, error) or not left:
                raise
    raise AssertionError("unreachable: the last try returns or raises")


async def streamed(
    key: Callable[[], Credential],
    refused: Refused,
    work: Callable[[Credential], AsyncGenerator[bytes, None]],
) -> AsyncGenerator[bytes, None]:
    """Another key is tried only before the first piece."""
    for left in reversed(range(_MOST_KEYS)):
        chosen, begun = key(), False
        pieces = work(chosen)
        try:
            async for piece in pieces:
                begun = True
                yield piece
        except UpstreamError as error:
            if begun or not refused(chosen, error) or not left:
                raise
        else:
            return
        finally:
            await pieces.aclose()
