"""Around every call: reserve before, count during, settle and record after, whatever happens."""

import asyncio
import time
from decimal import Decimal
from typing import Any

from contracts.llm import BudgetScope
from services.kit.errors import NovaError
from services.kit.failpoints import Failpoints
from services.kit.ids import new_id
from services.kit.log import request_id_var
from services.llm_gateway.errors import PriceUnknown, UpstreamError
from services.llm_gateway.limits.budgets import Budgets
from services.llm_gateway.limits.kinds import UNBOUNDED, CallKind, Source
from services.llm_gateway.limits.meter import Caller, Meter
from services.llm_gateway.limits.queries import NewCall, UsageRow
from services.llm_gateway.limits.recorder import Entry, Recorder
from services.llm_gateway.limits.worst_case import WorstCase, cap, worst_case
from services.llm_gateway.metrics import CallMetrics
from services.llm_gateway.models.resolution import Target
from services.llm_gateway.telemetry import NO_TRACE, Outcome, Tracing

_LONGEST_ERROR = 500


class Metering:
    """The gateway's meter works, shared by chat and embeddings."""

    def __init__(
        self,
        budgets: Budgets,
        recorder: Recorder,
        *,
        allow_unknown: bool,
        failpoints: Failpoints,
        metrics: CallMetrics,
        tracing: Tracing,
    ) -> None:
        self._metrics = metrics
        self._tracing = tracing
        self._budgets = budgets
        self._recorder = recorder
        self._allow_unknown = allow_unknown
        self._failpoints = failpoints

    def meter(self, caller: Caller, *, kind: CallKind, characters: int) -> Meter:
        """The meter of one call, whatever number of targets is asked for it. It ends with `end`."""
        call_id = new_id()
        meter = Meter(call_id, caller.principal.step_id or str(call_id), caller, kind)
        meter.input_characters = characters
        return meter

    async def end(self, meter: Meter, failure: BaseException | None) -> None:
        """Record the call, once, and settle it: one usage row.

        A call that was not begun (`begin`) leaves nothing behind.
        """
        status, error, failed = "ok", None, None
        if isinstance(failure, NovaError):
            status, error = "error", failure.detail[:_LONGEST_ERROR]
            failed = _error_type(failure)
            meter.count_rest()
            # A failure before the first piece of an answer costs nothing, if it is known for one.
            meter.dispatched = meter.output_characters > 0
            if isinstance(failure, UpstreamError) and failure.reply_lost:
                meter.assume_worst()
        elif isinstance(failure, asyncio.CancelledError | GeneratorExit):
            status, error, failed = "cancelled", "the client went away", "cancelled"
        elif failure is not None:
            status, error, failed = "error", "the gateway failed", "internal_error"
        if meter.target is None:
            return
        meter.settle_counts()
        seconds = time.monotonic() - meter.started
        self._watch_end(meter, status, failed, seconds)
        entry = self._entry(meter, meter.target, status=status, error=error, seconds=seconds)
        self._budgets.release(meter.id)
        if status == "cancelled" or meter.worst is None:
            # A cancelled coroutine must not wait; a free call, journalled, need not.
            self._recorder.later(entry)
        else:
            await self._recorder.record(entry)

    async def begin(self, meter: Meter, target: Target, body: dict[str, Any]) -> None:
        """The target is about to be asked: reserve for it and note the call, unless it is free.

        Raises BudgetExceeded or PriceUnknown before anything is spent. With a budget in scope and
        no max_tokens, `body` is capped at the model's maximum.
        """
        if meter.is_open:  # a second try of the same target draws on the same reservation
            meter.dispatched = True
            self._watch(meter, target, body)
            return
        price = target.facts.price
        if price is None or not price.is_free:
            await self._reserve(meter, target, body)
        meter.target = target
        meter.dispatched = meter.is_open = True
        self._watch(meter, target, body)

    async def give_back(self, meter: Meter) -> None:
        """The target has refused the call, surely unpaid; another one is asked instead."""
        if meter.is_open and meter.worst is not None:
            await self._budgets.give_back(meter.id, meter.step_id)
        meter.worst = None
        meter.is_open = meter.reserved = meter.dispatched = False

    def refused(self, meter: Meter, error: NovaError) -> None:
        """The target that was asked has failed; another try may follow."""
        meter.trace.end(Outcome(error=_error_type(error)))
        meter.trace = NO_TRACE

    def missed(self) -> None:
        """An answer that might have been kept had to be asked for."""
        self._metrics.cached("miss")

    def answered(
        self,
        caller: Caller,
        target: Target,
        usage: dict[str, Any] | None,
        *,
        source: Source,
        started: float,
        error: str | None,
    ) -> None:
        """Record an answer that cost nothing, since it was kept or is another call's."""
        call_id = new_id()
        meter = Meter(call_id, str(call_id), caller, "chat", started, source=source)
        meter.report(usage or {})
        # No worst case and no estimate: whatever it says, nothing was dispatched.
        status = "ok" if error is None else "cancelled"
        self._metrics.cached(source)
        seconds = time.monotonic() - started
        self._recorder.later(
            self._entry(meter, target, status=status, error=error, seconds=seconds)
        )

    def _watch(self, meter: Meter, target: Target, body: dict[str, Any]) -> None:
        """The target is asked now."""
        slug = target.provider.traits.slug
        if meter.watched is None:
            self._metrics.began(slug)
            meter.watched = slug
        meter.streamed = bool(body.get("stream"))
        if self._tracing.is_on:
            endpoint = target.provider.endpoint("/chat/completions")
            meter.trace = self._tracing.begin(
                meter.kind,
                provider=slug,
                model=target.model,
                url=None if endpoint is None else endpoint.url,
                body=body,
            )

    def _watch_end(self, meter: Meter, status: str, error: str | None, seconds: float) -> None:
        if meter.target is None or meter.watched is None:
            return
        counts = (meter.input_tokens, meter.output_tokens)
        caches = (meter.cached_tokens, meter.cache_write_tokens)
        first = meter.first_at if meter.streamed else None
        self._metrics.ended(
            meter.target.provider.traits.slug,
            meter.target.id,
            asked=meter.watched,
            kind=meter.kind,
            status=status,
            tokens=(*counts, *caches),
            cost=meter.cost,
            seconds=seconds,
            first_seconds=None if first is None else first - meter.started,
        )
        if meter.trace is NO_TRACE:
            return
        meter.trace.end(
            Outcome(
                error,
                *counts,
                *caches,
                cost_usd=meter.cost_usd,
                model=meter.answer_model,
                response_id=meter.answer_id,
                finish_reasons=meter.finish_reasons,
            )
        )

    async def _reserve(self, meter: Meter, target: Target, body: dict[str, Any]) -> None:
        price = None if meter.kind in UNBOUNDED else target.facts.price
        scopes = await self._scopes(meter.caller)
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
        call = _new_call(meter, target, meter.worst)
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

    def _entry(
        self, meter: Meter, target: Target, *, status: str, error: str | None, seconds: float
    ) -> Entry:
        caller, principal = meter.caller, meter.caller.principal
        cost = meter.cost if meter.source == "provider" else Decimal(0)
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
                provider=target.provider.traits.slug,
                model=target.id,
                input_tokens=meter.input_tokens,
                output_tokens=meter.output_tokens,
                cached_tokens=meter.cached_tokens,
                cache_write_tokens=meter.cache_write_tokens,
                source=meter.source,
                cost_usd=cost,
                estimated=meter.dispatched and (meter.assumed or not meter.reported),
                status=status,
                error=error,
                duration_ms=int(seconds * 1000),
                request_id=request_id_var.get(),
            ),
            charge=(cost or Decimal(0)) if meter.reserved else None,
        )


def _error_type(error: NovaError) -> str:
    """A name from a small set: the provider's status, or the error's own code."""
    if isinstance(error, UpstreamError) and error.provider_status:
        return str(error.provider_status)
    return error.code


def _new_call(meter: Meter, target: Target, worst: WorstCase) -> NewCall:
    caller, principal = meter.caller, meter.caller.principal
    return NewCall(
        id=meter.id,
        step_id=meter.step_id,
        kind=meter.kind,
        key_id=principal.key_id,
        task_id=principal.task_id,
        agent_id=caller.agent_id,
        session_id=caller.session_id,
        caller=principal.name,
        provider=target.provider.traits.slug,
        model=target.id,
        request_id=request_id_var.get(),
        input_tokens=worst.input_tokens,
        output_tokens=worst.output_tokens,
        cost_usd=worst.cost_usd,
    )
