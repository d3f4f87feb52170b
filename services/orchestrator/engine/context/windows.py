"""Asks the gateway how large models' windows are, and keeps the answers for a while."""

import asyncio
import time
from collections.abc import Iterable

from contracts.llm import ResolvedModel, ResolveRequest
from services.kit.clients.llm_gateway import LlmGatewayClient
from services.kit.config import ConfigCache
from services.kit.errors import NovaError
from services.kit.log import get_logger
from services.orchestrator.engine.context.plan import ContextFacts, Shares
from services.orchestrator.engine.leases.queries import ClaimedTask

_log = get_logger(__name__)
_AUTO = "auto"
_LONGEST_TEXT = 10_000
_KEPT_SECONDS = 30.0
_MOST_KEPT = 1_000


class ModelWindows:
    """One per worker. An answer is at most half a minute old."""

    def __init__(self, gateway: LlmGatewayClient, config: ConfigCache) -> None:
        self._gateway = gateway
        self._config = config
        self._known: dict[str, tuple[float, ResolvedModel]] = {}

    async def resolve(self, model: str) -> ResolvedModel | None:
        """What the gateway says of a model; None if it can't say now: the call itself will tell."""
        found = self._known.get(model)
        if found is not None and time.monotonic() - found[0] < _KEPT_SECONDS:
            return found[1]
        try:
            resolved = await self._gateway.resolve(model)
        except NovaError as error:
            _log.warning("model not resolved", model=model, reason=error.detail)
            return None
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[model] = (time.monotonic(), resolved)
        return resolved

    async def resolve_for(self, model: str, text: str, task: ClaimedTask) -> ResolvedModel | None:
        """The same for a request with that text, where intelligent routing has the choice."""
        if model != _AUTO or self._config.get("llm.intelligent_routing") is not True:
            return await self.resolve(model)
        request = ResolveRequest(model=model, text=text[:_LONGEST_TEXT])
        try:
            return await self._gateway.resolve_for(request, key_id=task.key_id, task_id=task.id)
        except NovaError as error:
            _log.warning("request not sorted", reason=error.detail)
            return await self.resolve(model)

    async def facts(self, models: Iterable[str]) -> ContextFacts:
        """What plans for these models follow from."""
        wanted = sorted(set(models))
        found = await asyncio.gather(*(self.resolve(model) for model in wanted))
        windows = {
            model: None if resolved is None else resolved.context_window
            for model, resolved in zip(wanted, found, strict=True)
        }
        return ContextFacts(windows=windows, shares=self._shares())

    def _shares(self) -> Shares:
        default = Shares()
        return Shares(
            system=self._number("system_pct", default.system),
            tools=self._number("tools_pct", default.tools),
            memory=self._number("memory_pct", default.memory),
            history=self._number("history_pct", default.history),
            working=self._number("working_pct", default.working),
            compaction_threshold=self._number("compaction_threshold", default.compaction_threshold)
            or default.compaction_threshold,
        )

    def _number(self, name: str, default: float) -> float:
        return float(self._config.get(f"context.{name}", default))
