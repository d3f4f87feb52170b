"""Around every call: reserve before, count during, settle and record after, whatever happens."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, cast
from uuid import UUID

import orjson

from contracts.llm import BudgetScope
from services.kit.auth import Principal
from services.kit.errors import NovaError
from services.kit.failpoints import Failpoints
from services.kit.ids import new_id
from services.kit.log import request_id_var
from services.llm_gateway.errors import PriceUnknown, UpstreamError
from services.llm_gateway.limits.budgets import Budgets
from services.llm_gateway.limits.queries import NewCall, UsageRow
from services.llm_gateway.limits.recorder import Entry, Recorder
from services.llm_gateway.limits.worst_case import WorstCase, cap, worst_case
from services.llm_gateway.models.resolution import Target

_CHARACTERS_PER_TOKEN = 4
_LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom a call is made. `budgets` are those that a service says it draws on."""

    principal: Principal
    budgets: Sequence[BudgetScope] = ()
    agent_id: UUID | None = None
    session_id: UUID | None = None


@dataclass(slots=True)
class Meter:
    """One call's counts; `reported` once the provider has given its own."""

    target: Target
    kind: Literal["chat", "embedding"]
    id: UUID
    step_id: str
    started: float = field(default_factory=time.monotonic)
    reported: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    output_characters: int = 0
    input_characters: int = 0
    dispatched: bool = False
    reserved: bool = False
    assumed: bool = False
    worst: WorstCase | None = None

    def report(self, usage: dict[str, Any]) -> None:
        """Take a provider's usage object (OpenAI's form)."""
        self.reported = True
        self.input_tokens = int(usage.get("prompt_tokens") or 0)
        self.output_tokens = int(usage.get("completion_tokens") or 0)
        details = cast("dict[str, Any]", usage.get("prompt_tokens_details") or {})
        self.cached_tokens = int(details.get("cached_tokens") or 0)

    def settle_counts(self) -> None:
        """Without the provider's own counts: four characters a token, marked estimated."""
        if not self.reported and self.dispatched:
            self.input_tokens = -(-self.input_characters // _CHARACTERS_PER_TOKEN)
            self.output_tokens = -(-self.output_characters // _CHARACTERS_PER_TOKEN)

    def assume_worst(self) -> None:
        """Nothing has come back of a call that the provider may have made, and charged for."""
        if self.worst is not None and not self.dispatched and not self.reported:
            self.dispatched = self.reported = self.assumed = True
            self.input_tokens = self.worst.input_tokens
            self.output_tokens = self.worst.output_tokens

    @property
    def cost(self) -> Decimal | None:
        """USD; None if the price is unknown."""
        price = self.target.facts.price
        if price is None:
            return None
        return price.cost(self.input_tokens, self.output_tokens, cached_tokens=self.cached_tokens)


class Metering:
    """The gateway's meter works, shared by chat and embeddings."""

    def __init__(
        self,
        budgets: Budgets,
        recorder: Recorder,
        *,
        allow_unknown: bool,
        failpoints: Failpoints,
    ) -> None:
        self._budgets = budgets
        self._recorder = recorder
        self._allow_unknown = allow_unknown
        self._failpoints = failpoints

    @asynccontextmanager
    async def call(
        self,
        target: Target,
        caller: Caller,
        body: dict[str, Any],
        *,
        kind: Literal["chat", "embedding"],
    ) -> AsyncGenerator[Meter, None]:
        """Raises BudgetExceeded or PriceUnknown before anything is spent.

        With a budget in scope and no max_tokens, `body` is capped at the model's maximum.
        """
        call_id = new_id()
        meter = Meter(target, kind, call_id, caller.principal.step_id or str(call_id))
        meter.input_characters = _characters(body)
        await self._begin(meter, caller, body)
        status, error = "error", "the gateway failed"
        try:
            meter.dispatched = True
            yield meter
            status, error = "ok", None
        except NovaError as failure:
            status, error = "error", failure.detail[:_LONGEST_ERROR]
            # A failure before the first piece of an answer costs nothing, if it is known for one.
            meter.dispatched = meter.output_characters > 0
            if isinstance(failure, UpstreamError) and failure.reply_lost:
                meter.assume_worst()
            raise
        except (asyncio.CancelledError, GeneratorExit):
            status, error = "cancelled", "the client went away"
            raise
        finally:
            meter.settle_counts()
            entry = self._entry(meter, caller, status=status, error=error)
            self._budgets.release(meter.id)
            if status == "cancelled" or (target.provider.traits.free and entry.charge is None):
                # A cancelled coroutine must not wait; a free call need not.
                self._recorder.later(entry)
            else:
                await self._recorder.record(entry)

    async def _begin(self, meter: Meter, caller: Caller, body: dict[str, Any]) -> None:
        """Reserve and note the call, unless it can't cost anything."""
        target = meter.target
        price = target.facts.price
        if price is not None and price.cost(1, 1) == 0:
            return
        scopes = await self._scopes(caller)
        if price is None and scopes:
            if not self._allow_unknown:
                raise PriceUnknown(
                    f"The price of {target.id} is unknown, and this call draws on a budget. Set "
                    "it in NOVA_MODEL_PRICES, or NOVA_ALLOW_UNKNOWN_PRICES=true to let such "
                    "calls through uncounted."
                )
            scopes = []
        if price is None and target.provider.traits.local:
            return
        if scopes and meter.kind == "chat":
            cap(target, body)
        meter.worst = worst_case(target, body, kind=meter.kind)
        call = _new_call(meter, caller, meter.worst)
        await self._budgets.open(call, scopes)
        self._failpoints.reach("call-reserved")
        meter.reserved = bool(scopes)
        await self._budgets.dispatch(meter.id, mark=meter.reserved)
        self._failpoints.reach("call-dispatched")

    async def _scopes(self, caller: Caller) -> list[BudgetScope]:
        """The budgets of a call: what a service says, the key's own, and the day's."""
        scopes, principal = list(caller.budgets), caller.principal
        if principal.key_id is not None and not any(scope.scope == "key" for scope in scopes):
            limit = (
                principal.key.budget_usd
                if principal.key is not None
                else await self._budgets.of_key(principal.key_id)
            )
            if limit is not None:
                scopes.append(BudgetScope(scope="key", id=str(principal.key_id), limit_usd=limit))
        day = await self._budgets.of_day()
        return scopes if day is None else [*scopes, day]

    def _entry(self, meter: Meter, caller: Caller, *, status: str, error: str | None) -> Entry:
        principal = caller.principal
        cost = meter.cost
        return Entry(
            usage=UsageRow(
                id=meter.id,
                kind=meter.kind,
                key_id=principal.key_id,
                task_id=principal.task_id,
                agent_id=caller.agent_id,
                session_id=caller.session_id,
                step_id=meter.step_id,
                caller=principal.name,
                provider=meter.target.provider.traits.slug,
                model=meter.target.id,
                input_tokens=meter.input_tokens,
                output_tokens=meter.output_tokens,
                cached_tokens=meter.cached_tokens,
                cost_usd=cost,
                estimated=meter.dispatched and (meter.assumed or not meter.reported),
                status=status,
                error=error,
                duration_ms=int((time.monotonic() - meter.started) * 1000),
                request_id=request_id_var.get(),
            ),
            charge=(cost or Decimal(0)) if meter.reserved else None,
        )


def _new_call(meter: Meter, caller: Caller, worst: WorstCase) -> NewCall:
    principal = caller.principal
    return NewCall(
        id=meter.id,
        step_id=meter.step_id,
        kind=meter.kind,
        key_id=principal.key_id,
        task_id=principal.task_id,
        agent_id=caller.agent_id,
        session_id=caller.session_id,
        caller=principal.name,
        provider=meter.target.provider.traits.slug,
        model=meter.target.id,
        request_id=request_id_var.get(),
        input_tokens=worst.input_tokens,
        output_tokens=worst.output_tokens,
        cost_usd=worst.cost_usd,
    )


def _characters(body: dict[str, Any]) -> int:
    """How much text the model is given: messages and tools, or an embedding's input."""
    given = body.get("messages") or body.get("input") or ""
    return len(orjson.dumps(given)) + (len(orjson.dumps(body["tools"])) if body.get("tools") else 0)
