"""Calls over routes: fallbacks, breakers and quotas, with real servers and a real database."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.kit.auth import Principal
from services.kit.db import Database
from services.kit.failpoints import Failpoints
from services.kit.supervision import Supervisor
from services.llm_gateway.calls.dispatch import Calls
from services.llm_gateway.errors import ProviderDown, QuotaExceeded, UpstreamError
from services.llm_gateway.limits.admission.admit import Admission
from services.llm_gateway.limits.admission.rates import Rates
from services.llm_gateway.limits.budgets import Budgets
from services.llm_gateway.limits.journal import Journal
from services.llm_gateway.limits.meter import Caller
from services.llm_gateway.limits.metering import Metering
from services.llm_gateway.limits.recorder import Recorder
from services.llm_gateway.metrics import CallMetrics
from services.llm_gateway.models.targets import Target
from services.llm_gateway.routing.classifying import classifier_call
from services.llm_gateway.telemetry import Tracing
from tests.fixtures.routes import Routes, Vendor, routes

ADMIN = Caller(Principal(kind="admin", name="admin"))


class Calling:
    """Makes calls by a resolver's routes."""

    def __init__(self, found: Routes, recorder: Recorder, rates: Rates) -> None:
        self.found = found
        self.recorder = recorder
        budgets = Budgets(found.database, found.config, name="test", lease_seconds=60)
        metering = Metering(
            budgets,
            recorder,
            allow_unknown=True,
            failpoints=Failpoints(),
            metrics=CallMetrics(),
            tracing=Tracing(),
        )
        self.calls = Calls(
            metering,
            breaker=found.breaker,
            admission=Admission(found.resolver.access, rates),
            quotas=found.quotas,
            seconds=30,
            retries=0,
        )

    async def chat(self, model: str) -> str:
        """The id of the target that has answered."""
        route = await self.found.resolver.route(model, ADMIN.principal)

        async def work(target: Target, body: dict[str, Any]) -> str:
            await target.provider.complete(body)
            return target.id

        async with self.calls.call(ADMIN, route, kind="chat", characters=10) as call:
            return await self.calls.begun(
                call, build=lambda target: {"model": target.model, "messages": []}, work=work
            )


@pytest.fixture
async def calling(database_url: str, tmp_path: Path) -> AsyncIterator[Calling]:
    database = Database(database_url)
    await database.open()
    vendors = {"vllm": Vendor("qwen"), "openai": Vendor("gpt-4o"), "groq": Vendor("llama")}
    async with Supervisor() as supervisor, routes(database, vendors) as found:
        await found.known()
        recorder = Recorder(database, Journal(tmp_path))
        recorder.open()
        yield Calling(found, recorder, Rates(None, supervisor))
        await recorder.flush()
    await database.close()


class TestFallback:
    async def test_auto_goes_on_to_the_next(self, calling: Calling) -> None:
        assert await calling.chat("auto") == "vllm/qwen"
        calling.found.vendors["vllm"].is_down = True
        assert await calling.chat("auto") == "gpt-4o"

    async def test_a_named_model_fails_without_a_chain(self, calling: Calling) -> None:
        calling.found.vendors["openai"].is_down = True
        with pytest.raises(UpstreamError) as failed:
            await calling.chat("gpt-4o")
        assert failed.value.provider_status == 503
        await calling.found.configure(llm__fallbacks={"gpt-4o": ["vllm/qwen"]})
        assert await calling.chat("gpt-4o") == "vllm/qwen"

    async def test_all_fail_with_the_last_ones_error(self, calling: Calling) -> None:
        for vendor in calling.found.vendors.values():
            vendor.is_down = True
        with pytest.raises(UpstreamError):
            await calling.chat("auto")


class TestBreaker:
    async def test_it_opens_and_the_provider_is_not_asked(self, calling: Calling) -> None:
        vendor = calling.found.vendors["openai"]
        vendor.is_down = True
        for _ in range(5):
            with pytest.raises(UpstreamError):
                await calling.chat("gpt-4o")
        vendor.is_down = False
        with pytest.raises(ProviderDown, match="left alone") as refused:
            await calling.chat("gpt-4o")
        assert 1 <= (refused.value.retry_after or 0) <= 5
        await calling.found.configure(llm__fallbacks={"openai": ["groq/llama"]})
        assert await calling.chat("gpt-4o") == "groq/llama"

    async def test_a_call_that_broke_off_counts(self, calling: Calling) -> None:
        async def work(_target: Target, _body: dict[str, Any]) -> None:
            """The first piece has come."""

        async def break_off() -> None:
            route = await calling.found.resolver.route("gpt-4o")
            async with calling.calls.call(ADMIN, route, kind="chat", characters=10) as call:
                await calling.calls.begun(
                    call, build=lambda target: {"model": target.model}, work=work
                )
                raise UpstreamError("openai", 0, "it broke off", reply_lost=True)

        for _ in range(5):
            with pytest.raises(UpstreamError):
                await break_off()
        # Each had begun well, and each broke off: half of what was heard is bad.
        assert calling.found.breaker.state("openai").status == "open"


class TestQuota:
    async def test_used_up_goes_on_to_the_chain(self, calling: Calling) -> None:
        await calling.found.configure(limits__provider_daily_requests={"groq": 2})
        assert [await calling.chat("groq/llama") for _ in range(2)] == ["groq/llama"] * 2
        with pytest.raises(QuotaExceeded):
            await calling.chat("groq/llama")
        await calling.found.configure(llm__fallbacks={"groq": ["gpt-4o"]})
        assert await calling.chat("groq/llama") == "gpt-4o"
        assert await calling.found.quotas.used_today() == {"groq": 2}

    async def test_a_call_that_never_arrived_is_given_back(self, calling: Calling) -> None:
        route = await calling.found.resolver.route("groq/llama")

        async def work(_target: Target, _body: dict[str, Any]) -> None:
            raise ProviderDown("It can't be reached.")

        with pytest.raises(ProviderDown):
            async with calling.calls.call(ADMIN, route, kind="chat", characters=10) as call:
                await calling.calls.begun(
                    call, build=lambda target: {"model": target.model}, work=work
                )
        assert await calling.found.quotas.used_today() == {"groq": 0}


class TestClassifier:
    async def test_it_is_asked_by_the_same_calls_and_recorded(self, calling: Calling) -> None:
        found = calling.found
        await found.configure(llm__intelligent_routing=True, llm__classifier_model="groq/llama")
        ask = classifier_call(found.resolver, calling.calls)
        key = await found.key("groq/*")
        assert await ask("groq/llama", [{"role": "user", "content": "x"}], key) == "from llama"
        await calling.recorder.flush()
        async with found.database.connection() as connection:
            (row,) = await connection.fetch("SELECT key_id, model, status FROM usage_events")
        assert (row["key_id"], row["model"], row["status"]) == (key.key_id, "groq/llama", "ok")
