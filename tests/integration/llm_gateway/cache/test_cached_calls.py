"""Cache and single flight through a real gateway: who gets what, who pays, and who is never served."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import redis

from services.llm_gateway.settings import REDIS_DATABASE
from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer
from tests.fixtures.redis import RedisServer
from tests.integration.llm_gateway.conftest import HELLO, PRICES, WEATHER_TOOL, Rows, Usage

ZERO: dict[str, Any] = {**HELLO, "model": "gpt-4o-mini", "temperature": 0}
CHAT = "/v1/chat/completions"
KEYS = ("00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002")


@pytest.fixture
def start_cached(
    start_gateway: StartGateway, openai_server: ProviderServer, redis_url: str
) -> Callable[..., GatewayProcess]:
    def start(**settings: str) -> GatewayProcess:
        return start_gateway(
            OPENAI_API_BASE=openai_server.url,
            OPENAI_API_KEY=openai.KEY,
            NOVA_MODEL_PRICES=PRICES,
            **{"REDIS_URL": redis_url, **settings},
        )

    return start


@pytest.fixture
def cached(start_cached: Callable[..., GatewayProcess]) -> Iterator[httpx.Client]:
    gateway = start_cached()
    with httpx.Client(base_url=gateway.url, headers=gateway.service(), timeout=30) as found:
        yield found


def calls(server: ProviderServer) -> int:
    return sum(request.path == CHAT for request in server.requests)


def events(response: httpx.Response) -> list[Any]:
    lines = [line[6:] for line in response.text.splitlines() if line.startswith("data: ")]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


def text_of(chunks: list[Any]) -> str:
    choices = [chunk["choices"][0] for chunk in chunks[:-1] if chunk["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


class TestCache:
    def test_the_second_answer_is_kept_and_costs_nothing(
        self, cached: httpx.Client, openai_server: ProviderServer, usage: Usage, redis_url: str
    ) -> None:
        first = cached.post(CHAT, json=ZERO)
        with redis.Redis.from_url(redis_url, db=REDIS_DATABASE) as store:
            # Until it is kept, it is still had from the first call.
            wait_until(lambda: list(store.scan_iter("nova:answers:*")), what="the first to be kept")
        second = cached.post(CHAT, json=dict(reversed(ZERO.items())))
        assert (first.headers["x-nova-cache"], second.headers["x-nova-cache"]) == ("miss", "hit")
        assert second.content == first.content
        assert calls(openai_server) == 1
        paid, free = sorted(usage(2), key=lambda row: row["source"], reverse=True)
        assert (paid["source"], free["source"]) == ("provider", "cache")
        assert paid["cost_usd"] > 0
        assert (free["cost_usd"], free["status"], free["estimated"]) == (0, "ok", False)
        assert free["input_tokens"] == paid["input_tokens"] > 0
        metrics = cached.get("/metrics").text
        assert 'nova_llm_cache_total{outcome="cache"} 1.0' in metrics
        assert 'nova_llm_cache_total{outcome="miss"} 1.0' in metrics
        named = 'provider="openai",model="gpt-4o-mini",status="ok"'
        assert f"nova_llm_requests_total{{{named}}} 1.0" in metrics.replace(
            'model="gpt-4o-mini",provider="openai"', 'provider="openai",model="gpt-4o-mini"'
        )

    def test_streams_and_whole_answers_serve_each_other(
        self, cached: httpx.Client, openai_server: ProviderServer
    ) -> None:
        streamed = {**ZERO, "stream": True}
        first = cached.post(CHAT, json=streamed)
        again = cached.post(CHAT, json=streamed)
        with_usage = {**streamed, "stream_options": {"include_usage": True}}
        counted = cached.post(CHAT, json=with_usage)
        whole = cached.post(CHAT, json=ZERO)
        assert [a.headers["x-nova-cache"] for a in (first, again, counted, whole)] == [
            *("miss", "hit", "hit", "hit")
        ]
        assert again.text == first.text
        assert events(first)[-1] == events(counted)[-1] == "[DONE]"
        assert text_of(events(counted)) == "You said: hello there"
        assert events(counted)[-2]["usage"]["prompt_tokens"] == 2
        assert whole.json()["choices"][0]["message"]["content"] == "You said: hello there"
        assert whole.json()["usage"]["prompt_tokens"] == 2
        assert calls(openai_server) == 1

    def test_whole_answers_are_replayed_as_streams(
        self, cached: httpx.Client, openai_server: ProviderServer
    ) -> None:
        cached.post(CHAT, json={**ZERO, "n": 2})
        found = events(cached.post(CHAT, json={**ZERO, "n": 2, "stream": True}))
        assert found[-1] == "[DONE]"
        assert {chunk["choices"][0]["index"] for chunk in found[:-1]} == {0, 1}
        assert {chunk["object"] for chunk in found[:-1]} == {"chat.completion.chunk"}
        assert calls(openai_server) == 1

    def test_novas_own_routes(self, cached: httpx.Client, openai_server: ProviderServer) -> None:
        first, second = (cached.post("/complete", json=ZERO) for _ in range(2))
        assert second.headers["x-nova-cache"] == "hit"
        assert second.json() == {**first.json(), "cost_usd": 0.0}
        *_, last, done = events(cached.post("/stream", json=ZERO))
        assert (last["cost_usd"], last["input_tokens"], done) == (0.0, 2, "[DONE]")
        opted_out = {**ZERO, "metadata": {"nova_cache": "off"}}
        assert "x-nova-cache" not in cached.post("/complete", json=opted_out).headers
        assert calls(openai_server) == 2

    def test_keys_never_share(
        self, start_cached: Callable[..., GatewayProcess], openai_server: ProviderServer
    ) -> None:
        gateway = start_cached()
        for headers in (gateway.admin, *(gateway.service(key_id=key) for key in KEYS)):
            answer = httpx.post(gateway.url + CHAT, json=ZERO, headers=headers)
            assert answer.headers["x-nova-cache"] == "miss"
        again = httpx.post(gateway.url + CHAT, json=ZERO, headers=gateway.service(key_id=KEYS[0]))
        assert again.headers["x-nova-cache"] == "hit"
        assert calls(openai_server) == 3

    @pytest.mark.parametrize(
        "change",
        [
            {"temperature": 0.1},
            {"temperature": None},
            {"store": True},
            {"model": "no-usage", "tools": [{"type": "web_search"}]},
            {"metadata": {"nova_cache": "off"}},
        ],
    )
    def test_what_is_not_cached(
        self, cached: httpx.Client, openai_server: ProviderServer, change: dict[str, Any]
    ) -> None:
        for _ in range(2):
            answer = cached.post(CHAT, json={**ZERO, **change})
            assert "x-nova-cache" not in answer.headers
        assert calls(openai_server) == 2

    def test_a_header_opts_out(self, cached: httpx.Client, openai_server: ProviderServer) -> None:
        cached.post(CHAT, json=ZERO)
        answer = cached.post(CHAT, json=ZERO, headers={"Cache-Control": "no-store"})
        assert "x-nova-cache" not in answer.headers
        assert calls(openai_server) == 2

    @pytest.mark.parametrize("stream", [False, True])
    @pytest.mark.parametrize(
        "change", [{"model": "cut"}, {"model": "error-500"}, {"tools": [WEATHER_TOOL]}]
    )
    def test_failed_and_cut_answers_and_tool_calls_are_not_kept(
        self,
        cached: httpx.Client,
        openai_server: ProviderServer,
        change: dict[str, Any],
        *,
        stream: bool,
    ) -> None:
        cached.post(CHAT, json={**ZERO, **change, "stream": stream})
        before = calls(openai_server)
        answer = cached.post(CHAT, json={**ZERO, **change, "stream": stream})
        assert answer.headers.get("x-nova-cache") in {None, "miss"}
        assert calls(openai_server) > before

    def test_answers_to_tool_results_are_kept(
        self, cached: httpx.Client, openai_server: ProviderServer
    ) -> None:
        call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        talk = [
            *HELLO["messages"],
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": "sunny"},
        ]
        body = {**ZERO, "messages": talk, "tools": [WEATHER_TOOL]}
        found = [cached.post(CHAT, json=body).headers["x-nova-cache"] for _ in range(2)]
        assert (found, calls(openai_server)) == (["miss", "hit"], 1)

    def test_off_by_setting_and_by_configuration(
        self, start_cached: Callable[..., GatewayProcess], rows: Rows
    ) -> None:
        gateway = start_cached(NOVA_ANSWER_CACHE_SECONDS="0")

        def header() -> str | None:
            answer = httpx.post(gateway.url + CHAT, json=ZERO, headers=gateway.admin)
            return answer.headers.get("x-nova-cache")

        assert header() is None
        rows(
            "UPDATE platform_config SET value = '60' WHERE key = 'llm.answer_cache_seconds' "
            "RETURNING key"
        )
        assert wait_until(header, what="the cache") in {"miss", "hit"}

    def test_without_redis_calls_are_made(
        self,
        cached: httpx.Client,
        openai_server: ProviderServer,
        start_cached: Callable[..., GatewayProcess],
    ) -> None:
        gateway = start_cached(REDIS_URL="redis://127.0.0.1:9")
        for _ in range(2):
            answer = httpx.post(gateway.url + CHAT, json=ZERO, headers=gateway.admin)
            assert (answer.status_code, answer.headers["x-nova-cache"]) == (200, "miss")
        assert calls(openai_server) == 2
        ready = httpx.get(f"{gateway.url}/health/ready").json()
        assert ready["status"] == "degraded"
        assert "Redis" in ready["checks"]["answer cache"]
        assert cached.get("/health/ready").json()["checks"]["answer cache"] == "ok"

    def test_a_flush_loses_answers_and_nothing_else(
        self, cached: httpx.Client, redis_server: RedisServer
    ) -> None:
        found: list[str] = []
        for _ in range(2):
            found += [cached.post(CHAT, json=ZERO).headers["x-nova-cache"] for _ in range(2)]
            redis_server.flush()
        assert found == ["miss", "hit", "miss", "hit"]


SLOW: dict[str, Any] = {**ZERO, "model": "slow"}


def at_once(client: httpx.Client, number: int, body: dict[str, Any]) -> list[httpx.Response]:
    found: list[httpx.Response] = []
    threads = [
        threading.Thread(target=lambda: found.append(client.post(CHAT, json=body)))
        for _ in range(number)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


class TestSingleFlight:
    def test_many_at_once_are_one_call(
        self, cached: httpx.Client, openai_server: ProviderServer, usage: Usage
    ) -> None:
        found = at_once(cached, 12, SLOW)
        assert {answer.status_code for answer in found} == {200}
        assert len({answer.content for answer in found}) == 1
        assert calls(openai_server) == 1
        sources = [row["source"] for row in usage(12)]
        assert sources.count("provider") == 1
        assert {row["cost_usd"] for row in usage(12) if row["source"] != "provider"} == {0}

    def test_temperature_above_zero_is_never_shared(
        self, cached: httpx.Client, openai_server: ProviderServer
    ) -> None:
        at_once(cached, 3, {**SLOW, "temperature": 0.5})
        assert calls(openai_server) == 3

    def test_a_failure_is_given_to_all(
        self, cached: httpx.Client, openai_server: ProviderServer
    ) -> None:
        found = at_once(cached, 6, {**ZERO, "model": "error-400"})
        assert {answer.status_code for answer in found} == {400}
        assert 1 <= calls(openai_server) <= 6

    def test_followers_read_live_and_the_leader_may_leave(
        self, cached: httpx.Client, openai_server: ProviderServer, usage: Usage
    ) -> None:
        body = {**SLOW, "stream": True}
        with (
            cached.stream("POST", CHAT, json=body) as leader,
            cached.stream("POST", CHAT, json=body) as follower,
        ):
            assert (leader.headers["x-nova-cache"], follower.headers["x-nova-cache"]) == (
                "miss",
                "hit",
            )
            lines = follower.iter_lines()
            first = [next(lines) for _ in range(3)]
            leader.close()
            rest = list(lines)
        assert rest[-2:] == ["data: [DONE]", ""] or "data: [DONE]" in rest
        assert first[0].startswith("data: ")
        assert calls(openai_server) == 1
        assert openai_server.left == 0
        assert {row["source"] for row in usage(2)} == {"provider", "flight"}

    def test_when_all_leave_the_call_ends(
        self, cached: httpx.Client, openai_server: ProviderServer, usage: Usage
    ) -> None:
        body = {**SLOW, "stream": True}
        with (
            cached.stream("POST", CHAT, json=body) as one,
            cached.stream("POST", CHAT, json=body) as other,
        ):
            next(one.iter_lines())
            next(other.iter_lines())
        wait_until(lambda: openai_server.left, what="the call's end")
        assert {row["status"] for row in usage(2)} == {"cancelled"}
