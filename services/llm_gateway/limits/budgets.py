"""Budgets: a call's worst case is reserved before it is made, and settled once it has ended."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import orjson

from contracts.llm import BudgetScope, BudgetShortage
from services.kit.config import ConfigCache
from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.kit.ids import new_id
from services.kit.log import get_logger
from services.llm_gateway.errors import BudgetExceeded, StepRepeated
from services.llm_gateway.limits import queries
from services.llm_gateway.limits.batching import Batches
from services.llm_gateway.limits.queries import Holder, NewCall, Opened

_log = get_logger(__name__)
_KEY_SECONDS = 2.0
_KEY_ENTRIES = 10_000
_BATCH = 100
_DAY_BUDGET = "limits.day_budget_usd"


class Budgets:
    """The calls that this process makes, each with a row in PostgreSQL while it may cost money."""

    def __init__(
        self, database: Database, config: ConfigCache, *, name: str, lease_seconds: float
    ) -> None:
        self._database = database
        self._config = config
        self._holder = Holder(name, new_id(), lease_seconds)
        self._live: set[UUID] = set()
        self._abandoned: set[UUID] = set()
        self._opening = Batches(self._open_all, most=_BATCH)
        self._dispatching = Batches(self._dispatch_all, most=_BATCH)
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

    async def of_day(self) -> BudgetScope | None:
        """The budget of everything in one day. Raises DatabaseDown while nobody can know it."""
        if not self._config.is_known:
            await self._config.refresh()
        limit = self._config.get(_DAY_BUDGET)
        if limit is None:
            return None
        return BudgetScope(scope="day", id="all", limit_usd=float(limit), daily=True)

    async def open(self, call: NewCall, scopes: Sequence[BudgetScope]) -> None:
        """Reserve for the call, all or nothing, and note that it is about to be made.

        Raises BudgetExceeded, with Retry-After for a daily budget; StepRepeated.
        """
        try:
            opened = await self._opening.put(_encoded(call, scopes))
        except BaseException:
            # It may have been committed all the same.
            self._abandoned.add(call.id)
            raise
        if opened.problem == "repeated":
            raise StepRepeated(
                f"The step {call.step_id} has been called for before; each call needs a name of "
                "its own."
            )
        if opened.problem is not None:
            raise _exceeded(opened, call.cost_usd or Decimal(0))

    async def dispatch(self, call_id: UUID, *, mark: bool) -> None:
        """The call is made now: from here on it is charged, whatever becomes of this process.

        Without `mark` its row says so already. Raises DatabaseDown when it must not be made.
        """
        self._live.add(call_id)
        if mark:
            try:
                if not await self._dispatching.put(call_id):
                    raise DatabaseDown("The reservation was lost; try again.")  # noqa: TRY301 - cleaned up below
            except BaseException:
                self._live.discard(call_id)
                self._abandoned.add(call_id)
                raise

    async def _open_all(self, calls: list[bytes]) -> list[Opened]:
        async with self._database.connection() as connection:
            return await queries.open_calls(connection, calls, holder=self._holder)

    async def _dispatch_all(self, call_ids: list[UUID]) -> list[bool]:
        async with self._database.connection() as connection:
            held = await queries.mark_dispatched(connection, call_ids, boot_id=self._holder.boot_id)
        return [call_id in held for call_id in call_ids]

    async def give_back(self, call_id: UUID, step_id: str) -> None:
        """The call will be made elsewhere: free what was reserved for it, and forget it.

        Raises DatabaseDown; the sweeper then frees it.
        """
        self._live.discard(call_id)
        try:
            async with self._database.connection() as connection:
                await queries.give_back(connection, call_id, step_id)
        except BaseException:
            self._abandoned.add(call_id)
            raise

    def release(self, call_id: UUID) -> None:
        """The call has ended: its lease is no longer pushed on."""
        self._live.discard(call_id)

    async def sweep(self) -> None:
        """Push the leases of running calls on, and settle what lost gateways left."""
        async with self._database.connection() as connection:
            if self._live:
                await queries.extend(connection, sorted(self._live), self._holder.lease_seconds)
            for call_id in list(self._abandoned):
                await queries.take_back(connection, call_id)
                self._abandoned.discard(call_id)
            settled: list[str] = []
            # Each in a transaction of its own, so that its locks are held but a moment.
            while (outcome := await queries.settle_lost(connection, self._holder)) is not None:
                settled.append(outcome)
            await queries.forget_old(connection)
        if settled:
            _log.warning(
                "settled calls of a gateway that was lost",
                charged=settled.count("lost"),
                freed=settled.count("freed"),
            )


def _encoded(call: NewCall, scopes: Sequence[BudgetScope]) -> bytes:
    """As open_calls_together takes it; an amount as text, so that it stays exact."""
    budgets = {
        "scopes": [scope.scope for scope in scopes],
        "ids": [scope.id for scope in scopes],
        "limits": [str(scope.limit_usd) for scope in scopes],
        "daily": [scope.daily for scope in scopes],
    }
    data = orjson.dumps(call, default=str)[:-1] + b"," + orjson.dumps(budgets)[1:]
    return data.replace(b"\\u0000", b"") if b"\\u0000" in data else data


def _exceeded(short: Opened, needed: Decimal) -> BudgetExceeded:
    limit, spent, reserved = short.limit_usd, short.spent_usd, short.reserved_usd
    facts = BudgetShortage(
        scope=short.scope,  # pyright: ignore[reportArgumentType] - checked by the database
        id=short.id or "",
        limit_usd=float(limit or 0),
        spent_usd=float(spent or 0),
        reserved_usd=float(reserved or 0),
        needed_usd=float(needed),
        resets_at=short.resets_at,
    )
    wait = None
    if short.resets_at is not None:
        wait = max(1.0, (short.resets_at - datetime.now(UTC)).total_seconds())
    return BudgetExceeded(
        f"The {short.scope} budget {short.id} has less left than this call may cost: the limit is "
        f"{limit:.6f} USD, {spent:.6f} are spent, {reserved:.6f} are "
        f"reserved by calls that run now, and this one may cost {needed:.6f}.",
        retry_after=wait,
        facts=facts.model_dump(mode="json"),
    )
