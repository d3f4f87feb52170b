"""Puts the parts of embedding together, and keeps what runs beside the requests running."""

import asyncio
import os
from collections.abc import Mapping

from services.kit.config import ConfigCache
from services.kit.db import Database
from services.kit.errors import DependencyDown
from services.kit.health import Check
from services.kit.redis import Redis, open_redis
from services.kit.supervision import Supervisor
from services.llm_gateway.calls.dispatch import Calls
from services.llm_gateway.embeddings.cache import VectorCache
from services.llm_gateway.embeddings.chain import EmbeddingChain
from services.llm_gateway.embeddings.embedder import Embedder
from services.llm_gateway.embeddings.local import files
from services.llm_gateway.embeddings.local.service import LocalModel
from services.llm_gateway.models.resolution import Resolver
from services.llm_gateway.providers.base import Provider
from services.llm_gateway.settings import REDIS_DATABASE, Settings

_PRUNE_SECONDS = 3_600.0
_MEGABYTE = 1 << 20


class Embeddings:
    """What embedding needs in one process. Close it at the end."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.model = local_model(settings)
        self._database = database
        self._redis = _redis(settings)
        self._cache = _cache(settings, database, self._redis)

    def embedder(
        self,
        providers: Mapping[str, Provider],
        *,
        resolver: Resolver,
        config: ConfigCache,
        calls: Calls,
    ) -> Embedder:
        chain = EmbeddingChain(providers, resolver=resolver, config=config, database=self._database)
        return Embedder(chain, calls=calls, cache=self._cache)

    def keep_running(self, supervisor: Supervisor) -> None:
        """What runs beside the requests."""
        if self.model is not None:
            supervisor.keep_running(self.model.keep_serving, name="local embedding model")
        cache = self._cache
        if cache is None:
            return

        async def prune() -> None:
            await cache.prune()
            await asyncio.sleep(_PRUNE_SECONDS)

        supervisor.keep_running(cache.keep_writing, name="embedding cache")
        supervisor.keep_running(prune, name="size of the embedding cache")

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()


def local_model(settings: Settings) -> LocalModel | None:
    """None if it is switched off."""
    if not settings.nova_local_embeddings:
        return None
    return LocalModel(
        settings.nova_local_model_dir or files.default_folder(),
        threads=min(settings.nova_local_model_threads, os.cpu_count() or 1),
        idle_seconds=settings.nova_local_model_idle_seconds,
    )


def local_model_check(settings: Settings) -> dict[str, Check]:
    """For /health/ready: without it memory is worse, and somebody should know."""
    model = local_model(settings)
    if model is None:
        return {}

    async def check() -> None:
        problem = model.missing()
        if problem is not None:
            raise DependencyDown(f"The local embedding model can't be used: {problem}.")

    return {"local_embeddings": check}


def _redis(settings: Settings) -> Redis | None:
    if settings.redis_url is None:
        return None
    return open_redis(settings.redis_url.get_secret_value(), database=REDIS_DATABASE)


def _cache(settings: Settings, database: Database, redis: Redis | None) -> VectorCache | None:
    """None if nothing is to be kept."""
    most_bytes = settings.nova_embedding_cache_mb * _MEGABYTE
    return VectorCache(database, redis, most_bytes=most_bytes) if most_bytes else None
