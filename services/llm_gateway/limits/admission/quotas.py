"""How many calls a provider may be asked for in a day (UTC), counted in PostgreSQL before each."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from services.kit.config import ConfigCache
from services.kit.db import Database
from services.llm_gateway.errors import QuotaExceeded
from services.llm_gateway.limits.admission import queries
from services.llm_gateway.limits.batching import Batches

# What the free tiers of these allow. limits.provider_daily_requests stands above them.
DAILY_REQUESTS: Mapping[str, int] = {
    "groq": 14_400,
    "gemini": 250,
    "cerebras": 5_000,
    "openrouter": 200,
    "github": 150,
}
_MOST_AT_ONCE = 200
_OVERRIDES = "limits.provider_daily_requests"


@dataclass(frozen=True, slots=True)
class _UsedUp:
    limit: int
    until: float  # by the monotonic clock


class Quotas:
    """The providers' quotas; those without one cost no query."""

    def __init__(self, database: Database, config: ConfigCache) -> None:
        self._database = database
        self._config = config
        self._used_up: dict[str, _UsedUp] = {}
        self._takes: dict[str, Batches[int, bool]] = {}
        self.changes = 0

    def limit_of(self, slug: str) -> int | None:
        """Calls per day; None is no limit."""
        overrides = self._config.get(_OVERRIDES)
        if isinstance(overrides, dict) and slug in overrides:
            return cast("dict[str, Any]", overrides)[slug]
        return DAILY_REQUESTS.get(slug)

    def seconds_left(self, slug: str) -> float | None:
        """Until the provider has calls left again, as far as this process knows; None if it has."""
        used_up = self._used_up.get(slug)
        if used_up is None:
            return None
        left = used_up.until - time.monotonic()
        if left <= 0 or used_up.limit != self.limit_of(slug):
            del self._used_up[slug]
            self.changes += 1
            return None
        return left

    async def take(self, slug: str) -> None:
        """Count one call. Raises QuotaExceeded if it would be too many, DatabaseDown."""
        limit = self.limit_of(slug)
        if limit is None:
            return
        if (left := self.seconds_left(slug)) is not None:
            raise _exceeded(slug, limit, left)
        takes = self._takes.get(slug)
        if takes is None:
            takes = self._takes[slug] = Batches(partial(self._take, slug), most=_MOST_AT_ONCE)
        if not await takes.put(limit):
            left = self.seconds_left(slug)
            raise _exceeded(slug, limit, 0.0 if left is None else left)

    async def _take(self, slug: str, limits: list[int]) -> list[bool]:
        """Which of the calls that want to be counted at the same time are."""
        limit = limits[-1]
        async with self._database.connection() as connection:
            if len(limits) > 1:
                day = await queries.take_requests(connection, slug, number=len(limits), most=limit)
                if day.requests is not None:
                    return [True] * len(limits)
            taken: list[bool] = []
            while len(taken) < len(limits):
                day = await queries.take_requests(connection, slug, number=1, most=limit)
                if day.requests is None:
                    self.changes += 1
                    self._used_up[slug] = _UsedUp(limit, time.monotonic() + day.seconds_left)
                    return [*taken, *[False] * (len(limits) - len(taken))]
                taken.append(True)
        return taken

    async def give_back(self, slug: str) -> None:
        """The counted call never reached the provider."""
        if self.limit_of(slug) is None:
            return
        async with self._database.connection() as connection:
            await queries.return_request(connection, slug)
        self.changes += 1
        self._used_up.pop(slug, None)

    async def used_today(self) -> dict[str, int]:
        """Calls today by provider. Raises DatabaseDown."""
        async with self._database.connection() as connection:
            return {row.provider: row.requests for row in await queries.requests_today(connection)}


def _exceeded(slug: str, limit: int, seconds: float) -> QuotaExceeded:
    return QuotaExceeded(
        f"All {limit} calls that {slug} may be asked for in one day (UTC) have been made. "
        f"{_OVERRIDES} in the configuration sets another number.",
        retry_after=seconds,
    )
