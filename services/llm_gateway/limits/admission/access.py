"""What a key may use: its requests and tokens per minute, and its models."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.kit.auth import Principal
from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.llm_gateway.limits.admission import queries
from services.llm_gateway.limits.admission.window import Limits

_FRESH_SECONDS = 2.0
_MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """`allowed_models` are ids or patterns; None allows every model."""

    limits: Limits
    allowed_models: tuple[str, ...] | None

    def allows(self, model_id: str) -> bool:
        return self.allowed_models is None or matches_any(self.allowed_models, model_id)


class Access:
    """The terms of keys, at most two seconds old; older while the database is away."""

    def __init__(self, database: Database, *, fresh_seconds: float = _FRESH_SECONDS) -> None:
        self._fresh_seconds = fresh_seconds
        self._database = database
        self._known: dict[UUID, tuple[float, KeyTerms | None]] = {}
        self._reading: dict[UUID, asyncio.Future[KeyTerms | DatabaseDown | None]] = {}

    async def of(self, principal: Principal) -> KeyTerms | None:
        """The terms of the caller's key, or of the key that a service works for.

        None for all others. Raises DatabaseDown if they can't be known.
        """
        if principal.key_id is None:
            return None
        known = self._known.get(principal.key_id)
        if known is not None and time.monotonic() - known[0] < self._fresh_seconds:
            return known[1]
        found = await self._shared_read(principal.key_id)
        if not isinstance(found, DatabaseDown):
            return found
        if known is None:
            raise found
        return known[1]

    async def _shared_read(self, key_id: UUID) -> KeyTerms | DatabaseDown | None:
        """One query for all who ask at the same time."""
        reading = self._reading.get(key_id)
        if reading is None:
            reading = self._reading[key_id] = asyncio.ensure_future(self._read(key_id))
            reading.add_done_callback(lambda _task: self._reading.pop(key_id, None))
        # One who leaves must not take the answer from the others.
        return await asyncio.shield(reading)

    async def _read(self, key_id: UUID) -> KeyTerms | DatabaseDown | None:
        try:
            async with self._database.connection() as connection:
                row = await queries.key_terms(connection, key_id)
        except DatabaseDown as error:
            return error
        terms = None
        if row is not None:
            allowed = None if row.allowed_models is None else tuple(row.allowed_models)
            terms = KeyTerms(Limits(row.rate_limit_rpm, row.rate_limit_tpm), allowed)
        if len(self._known) >= _MOST_KEYS:
            self._known.clear()
        self._known[key_id] = (time.monotonic(), terms)
        return terms


def matches_any(patterns: Iterable[str], text: str) -> bool:
    return any(matches(pattern, text) for pattern in patterns)


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text fits; * stands for any characters. Never slower than one search each."""
    head, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    *middle, tail = rest
    if not text.startswith(head) or not text.endswith(tail):
        return False
    place, end = len(head), len(text) - len(tail)
    for part in middle:
        found = text.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return place <= end
