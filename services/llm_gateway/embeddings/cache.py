"""Vectors of texts that were embedded before: hot ones in Redis, all in PostgreSQL.

A lookup is one round trip to each for a whole batch. Redis holds what was asked for a second time,
since most texts never are. Neither is needed: without them every text is embedded again.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, cast

import orjson
from prometheus_client import Counter

from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.kit.log import get_logger
from services.kit.redis import REDIS_DOWN, Redis, RedisError
from services.llm_gateway.embeddings import queries
from services.llm_gateway.embeddings.inputs import Item

_log = get_logger(__name__)
TEXTS = Counter("nova_embedded_texts_total", "Texts by where their vectors came from", ["source"])
_PREFIX = b"nova:vector:"
_HOT_SECONDS = 3_600
_REDIS_SECONDS = 0.25
_DATABASE_SECONDS = 1.0
_PAUSE_SECONDS = 5.0
_MOST_WAITING = 20_000
_BATCH = 500
_DAYS = 90.0


def key_of(model: str, place: str, dimensions: int | None, item: Item) -> bytes:
    """`place`: where the model is asked, since servers may have different models of one name."""
    return hashlib.sha256(orjson.dumps([model, place, dimensions, item])).digest()


class VectorCache:
    """`keep_writing` and `prune` run beside it."""

    def __init__(self, database: Database, redis: Redis | None, *, most_bytes: int) -> None:
        self._database = database
        self._redis = redis
        self._most_bytes = most_bytes
        self._waiting: OrderedDict[bytes, tuple[str, bytes]] = OrderedDict()
        self._work = asyncio.Event()
        self._redis_paused_until = 0.0
        self._database_paused_until = 0.0

    async def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The vectors that are known, by key. Never fails: what can't be looked up is unknown."""
        found = {key: self._waiting[key][1] for key in keys if key in self._waiting}
        wanted = [key for key in dict.fromkeys(keys) if key not in found]
        if wanted:
            found |= await self._find_hot(wanted)
        wanted = [key for key in wanted if key not in found]
        if wanted:
            again = await self._find_kept(wanted)
            await self._heat(again)
            found |= again
        return found

    def add(self, model: str, vectors: Mapping[bytes, bytes]) -> None:
        """Keep these soon. When the database lags far behind, the oldest are let go."""
        for key, vector in vectors.items():
            self._waiting[key] = (model, vector)
        while len(self._waiting) > _MOST_WAITING:
            self._waiting.popitem(last=False)
        self._work.set()

    async def keep_writing(self) -> None:
        """Write what was added, until cancelled. Raises DatabaseDown; then nothing is lost."""
        while True:
            await self._work.wait()
            self._work.clear()
            try:
                await self.flush()
            except DatabaseDown:
                self._work.set()
                raise

    async def flush(self) -> None:
        while self._waiting:
            batch = [
                (key, model, vector)
                for key, (model, vector) in list(self._waiting.items())[:_BATCH]
            ]
            async with self._database.connection() as connection:
                await queries.keep(connection, batch)
            for key, _, _ in batch:
                self._waiting.pop(key, None)

    async def prune(self) -> None:
        """Keep it within its size. Raises DatabaseDown."""
        async with self._database.connection() as connection:
            gone = await queries.prune(connection, most_bytes=self._most_bytes, days=_DAYS)
        if gone:
            _log.info("embedding cache pruned", vectors=gone)

    async def _find_hot(self, keys: list[bytes]) -> dict[bytes, bytes]:
        redis = self._redis
        if redis is None or time.monotonic() < self._redis_paused_until:
            return {}
        try:
            async with asyncio.timeout(_REDIS_SECONDS):
                values = cast(
                    "list[bytes | None]",
                    await cast("Any", redis).mget([_PREFIX + key for key in keys]),
                )
        except (*REDIS_DOWN, RedisError, TimeoutError) as error:
            self._pause_redis(error)
            return {}
        return {key: value for key, value in zip(keys, values, strict=True) if value}

    async def _heat(self, vectors: Mapping[bytes, bytes]) -> None:
        redis = self._redis
        if redis is None or not vectors or time.monotonic() < self._redis_paused_until:
            return
        try:
            async with asyncio.timeout(_REDIS_SECONDS), redis.pipeline(transaction=False) as pipe:
                for key, vector in vectors.items():
                    pipe.set(_PREFIX + key, vector, ex=_HOT_SECONDS)
                await pipe.execute()
        except (*REDIS_DOWN, RedisError, TimeoutError) as error:
            self._pause_redis(error)

    def _pause_redis(self, error: BaseException) -> None:
        self._redis_paused_until = time.monotonic() + _PAUSE_SECONDS
        _log.info("embedding cache goes on without Redis", reason=type(error).__name__)

    async def _find_kept(self, keys: list[bytes]) -> dict[bytes, bytes]:
        if time.monotonic() < self._database_paused_until:
            return {}
        try:
            async with (
                asyncio.timeout(_DATABASE_SECONDS),
                self._database.connection() as connection,
            ):
                rows = await queries.find(connection, keys)
        except (DatabaseDown, TimeoutError) as error:
            self._database_paused_until = time.monotonic() + _PAUSE_SECONDS
            _log.info("embedding cache goes on without PostgreSQL", reason=type(error).__name__)
            return {}
        return {row.key: row.vector for row in rows}
