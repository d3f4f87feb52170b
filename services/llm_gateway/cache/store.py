"""Where answers are kept: Redis, never waited for long, and done without while it is away."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol, cast

import orjson

from services.kit.errors import DependencyDown
from services.kit.log import get_logger
from services.kit.redis import Redis, RedisError

_log = get_logger(__name__)
_PREFIX = "nova:answers:"
_PUT = Path(__file__).with_name("put.lua").read_text(encoding="utf-8")
_WAIT_SECONDS = 0.5
_AWAY_SECONDS = 2.0
# The form and at least one piece.
_FEWEST_PIECES = 2


class _Script(Protocol):
    def __call__(self, *, keys: list[str], args: list[Any]) -> Awaitable[Any]: ...


class AnswerStore:
    """Answers by key, each for at most `longest` bytes, all together for `most`.

    A Redis that fails or is slow is left alone for two seconds: a call must not wait for its cache.
    """

    def __init__(self, redis: Redis, *, longest: int, most: int) -> None:
        self._redis = redis
        self._longest = longest
        self._most = most
        self._away_until = 0.0
        register = cast("Callable[[str], _Script]", redis.register_script)
        self._put = register(_PUT)

    async def get(self, key: str) -> tuple[bytes, ...] | None:
        """The pieces of an answer; None if there is none, or nobody to be asked."""
        found = await self._asked(lambda: cast("Awaitable[Any]", self._redis.get(_PREFIX + key)))
        if not isinstance(found, bytes):
            return None
        try:
            pieces = orjson.loads(found)
        except orjson.JSONDecodeError:
            return None
        if not isinstance(pieces, list) or len(cast("list[Any]", pieces)) < _FEWEST_PIECES:
            return None
        return tuple(str(piece).encode() for piece in cast("list[Any]", pieces))

    async def put(self, key: str, pieces: list[bytes], *, seconds: int) -> None:
        """Keep an answer's pieces; one that is too long is not kept."""
        if sum(map(len, pieces)) > self._longest:
            return
        value = orjson.dumps([piece.decode() for piece in pieces])
        keys = [_PREFIX + key, *(f"{_PREFIX}by-{what}" for what in ("expiry", "size", "sum"))]
        # The time is this host's: of several gateways' clocks only the order of dropping hangs on it.
        arguments = [value, seconds, int(time.time()), self._most]
        await self._asked(lambda: self._put(keys=keys, args=arguments))

    async def check(self) -> None:
        """Raises DependencyDown while there is no Redis."""
        self._away_until = 0.0
        await self._asked(lambda: cast("Awaitable[Any]", self._redis.exists(_PREFIX)))
        if self._away_until:
            raise DependencyDown("Redis can't be reached: no answer is cached.")

    async def _asked(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """What Redis says; None while it is away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                found = await ask()
        except (RedisError, OSError, TimeoutError) as error:
            if not self._away_until:
                _log.warning("answers are not cached: Redis is away", reason=str(error))
            self._away_until = time.monotonic() + _AWAY_SECONDS
            return None
        self._away_until = 0.0
        return found
