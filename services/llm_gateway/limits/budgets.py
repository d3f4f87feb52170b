"""Budgets: a call's worst case is reserved before it is made, and settled once it has ended."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from contracts.llm import BudgetScope
from services.kit.db import Database
from services.kit.log import get_logger
from services.llm_gateway.errors import BudgetExceeded
from services.llm_gateway.limits import queries

_log = get_logger(__name__)
_KEY_SECONDS = 2.0
_KEY_ENTRIES = 10_000


class _Refused(Exception):
    """Rolls the reservation back; the budget that has not enough left."""


class Budgets:
    """Reservations of this process, in PostgreSQL; `live` are the steps whose calls run now."""

    def __init__(self, database: Database, *, lease_seconds: float) -> None:
        self._database = database
        self._lease_seconds = lease_seconds
        self._live: set[str] = set()
        self._key_budgets: dict[UUID, tuple[float, float | None]] = {}

    async def of_key(self, key_id: UUID) -> float | None:
        """A key's own budget, at most two seconds old."""
        now = time.monotonic()
        known = self._key_budgets.get(key_id)
        if known is not None and now - known[0] < _KEY_SECONDS:
            return known[1]
        async with self._database.connection() as connection:
            budget = await queries.key_budget(connection, key_id)
        if len(self._key_budgets) >= _KEY_ENTRIES:
            self._key_budgets.clear()
        self._key_budgets[key_id] = (now, budget)
        return budget

    async def reserve(self, step_id: str, scopes: Sequence[BudgetScope], amount: Decimal) -> None:
        """All or nothing. Raises BudgetExceeded, with Retry-After if a day's budget is used up."""
        try:
            async with self._database.transaction() as connection:
                refused = await queries.reserve(
                    connection,
                    step_id=step_id,
                    scopes=[scope.scope for scope in scopes],
                    ids=[scope.id for scope in scopes],
                    limits=[Decimal(str(scope.limit_usd)) for scope in scopes],
                    amount=amount,
                    lease_seconds=self._lease_seconds,
                )
                if refused is not None:
                    raise _Refused(refused)  # noqa: TRY301 - rolls back
        except _Refused as refusal:
            raise await self._exceeded(str(refusal), amount) from None
        self._live.add(step_id)

    def release(self, step_id: str) -> None:
        """The call has ended: its lease is no longer pushed on."""
        self._live.discard(step_id)

    async def sweep(self) -> None:
        """Push the leases of running calls on, and free what a crash left."""
        async with self._database.transaction() as connection:
            if self._live:
                await queries.extend(connection, sorted(self._live), self._lease_seconds)
            freed = await queries.free_expired(connection)
            await queries.forget_old(connection)
        if freed:
            _log.warning("freed reservations of calls that were lost", count=freed)

    async def _exceeded(self, budget: str, amount: Decimal) -> BudgetExceeded:
        scope, _, name = budget.partition(" ")
        wait: float | None = None
        if scope == "day":
            async with self._database.connection() as connection:
                ends = await queries.end_of_day(connection)
            wait = max(1.0, (ends - datetime.now(UTC)).total_seconds())
        return BudgetExceeded(
            f"The {scope} budget {name} has less left than this call may cost "
            f"(at most {amount:.6f} USD).",
            retry_after=wait,
        )
