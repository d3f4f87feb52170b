"""Real gateways before a real provider: limits of keys and providers, as clients see them."""

import asyncio
import hashlib
import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer
from tests.fixtures.restartable import RestartableRedis, running
from tests.integration.llm_gateway.conftest import Rows

ADD = """
INSERT INTO api_keys (id, name, key_hash, key_prefix, scopes, rate_limit_rpm, rate_limit_tpm,
    allowed_models)
VALUES ($1, 'a key', $2, 'sk-nova-', '{chat}', $3, $4, $5)
"""
CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 5}
AddKey = Callable[..., dict[str, str]]


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RestartableRedis]:
    home = tmp_path / "redis"
    home.mkdir()
    with running(RestartableRedis(home)) as server:
        yield server


@pytest.fixture
def start_limited(
    start_gateway: StartGateway, openai_server: ProviderServer, own_redis: RestartableRedis
) -> Callable[..., GatewayProcess]:
    def start(**settings: str) -> GatewayProcess:
        return start_gateway(
            OPENAI_API_BASE=openai_server.url,
            OPENAI_API_KEY=openai.KEY,
            REDIS_URL=own_redis.url,
            **{"NOVA_RATES_PATIENCE_SECONDS": "5", **settings},
        )

    return start


@pytest.fixture
def add_key(rows: Rows) -> AddKey:
    """Adds a key; gives the headers of its caller."""

    def add(*, rpm: int = 60, tpm: int | None = None, models: list[str] | None = None) -> Any:
        raw = f"sk-nova-{uuid4().hex}"
        rows(ADD, uuid4(), hashlib.sha256(raw.encode()).digest(), rpm, tpm, models)
        return {"Authorization": f"Bearer {raw}"}

    return add


async def statuses(
    gateways: list[GatewayProcess], headers: dict[str, str], times: int
) -> list[int]:
    limits = httpx.Limits(max_connections=50)
    async with httpx.AsyncClient(headers=headers, timeout=60, limits=limits) as client:
        answers = await asyncio.gather(
            *(
                client.post(f"{gateways[i % len(gateways)].url}/v1/chat/completions", json=CHAT)
                for i in range(times)
            )
        )
    return [answer.status_code for answer in answers]


def chat(gateway: GatewayProcess, headers: dict[str, str], **changes: Any) -> httpx.Response:
    url = f"{gateway.url}/v1/chat/completions"
    return httpx.post(url, headers=headers, json={**CHAT, **changes}, timeout=60)


class TestTwoGateways:
    def test_they_share_a_limit_and_go_on_without_redis(
        self,
        start_limited: Callable[..., GatewayProcess],
        add_key: AddKey,
        own_redis: RestartableRedis,
    ) -> None:
        gateways = [start_limited(NOVA_GATEWAY_PROCESSES="2") for _ in range(2)]
        found = asyncio.run(statuses(gateways, add_key(), 200))
        assert (found.count(200), found.count(429)) == (60, 140)
        own_redis.kill()
        key = add_key()
        found = asyncio.run(statuses(gateways, key, 100))
        # Each lets its share of thirty through.
        assert (found.count(200), found.count(429)) == (60, 40)
        ready = httpx.get(f"{gateways[0].url}/health/ready", timeout=30).json()
        assert ready["status"] == "degraded"
        assert "Rates are limited in this process" in ready["checks"]["rates"]
        metrics = httpx.get(f"{gateways[0].url}/metrics", timeout=30).text
        assert "nova_gateway_rates_degraded 1.0" in metrics
        own_redis.start()

        def is_well() -> bool:
            answers = [httpx.get(f"{g.url}/health/ready", timeout=30).json() for g in gateways]
            return all(answer["status"] == "ready" for answer in answers)

        wait_until(is_well, what="both gateways to find Redis again")
        # What both let through meanwhile is charged there.
        assert chat(gateways[0], key).status_code == 429


class TestOneGateway:
    def test_what_clients_see(
        self,
        start_limited: Callable[..., GatewayProcess],
        add_key: AddKey,
        rows: Rows,
        own_redis: RestartableRedis,
        openai_server: ProviderServer,
    ) -> None:
        """One start, since it takes long: headers, refusals, models, quotas, a stopped Redis."""
        gateway = start_limited()
        self._headers(gateway, add_key)
        self._tokens(gateway, add_key)
        self._models(gateway, add_key)
        self._fallback(gateway, rows, openai_server)
        self._quota(gateway, rows)
        own_redis.send(signal.SIGSTOP)
        found = asyncio.run(statuses([gateway], add_key(), 80))
        assert (found.count(200), found.count(429)) == (60, 20)

    def _headers(self, gateway: GatewayProcess, add_key: AddKey) -> None:
        key = add_key(rpm=3)
        answer = chat(gateway, key)
        assert answer.headers["x-ratelimit-limit-requests"] == "3"
        assert answer.headers["x-ratelimit-remaining-requests"] == "2"
        assert answer.headers["x-ratelimit-reset-requests"].startswith(("1m", "59", "60"))
        assert answer.headers["x-nova-model"] == "gpt-4o-mini"
        assert "x-ratelimit-limit-tokens" not in answer.headers
        streamed = chat(gateway, key, stream=True)
        assert streamed.headers["x-ratelimit-remaining-requests"] == "1"
        embedded = httpx.post(
            f"{gateway.url}/v1/embeddings",
            headers=key,
            json={"model": "text-embedding-3-small", "input": "x"},
            timeout=60,
        )
        assert embedded.headers["x-ratelimit-remaining-requests"] == "0"
        refused = chat(gateway, key)
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "rate_limit_exceeded"
        assert 0 < int(refused.headers["retry-after"]) <= 61
        assert refused.headers["x-ratelimit-remaining-requests"] == "0"
        nova = httpx.post(f"{gateway.url}/complete", headers=key, json=CHAT, timeout=60)
        assert (nova.status_code, nova.json()["code"]) == (429, "rate_limit_exceeded")
        assert "x-ratelimit-limit-requests" not in chat(gateway, gateway.admin).headers

    def _tokens(self, gateway: GatewayProcess, add_key: AddKey) -> None:
        key = add_key(tpm=10_000)
        first = chat(gateway, key, max_tokens=9_000)
        reserved = int(first.headers["x-ratelimit-remaining-tokens"])
        assert 900 < reserved < 1_000
        # The provider has told how few it took.
        again = chat(gateway, key, max_tokens=9_000)
        assert (again.status_code, again.headers["x-ratelimit-limit-tokens"]) == (200, "10000")
        streamed = chat(gateway, key, max_tokens=9_000, stream=True)
        assert streamed.status_code == 200
        assert chat(gateway, key, max_tokens=9_000).status_code == 200

    def _models(self, gateway: GatewayProcess, add_key: AddKey) -> None:
        key = add_key(models=["gpt-4o-*"])
        assert chat(gateway, key).status_code == 200
        refused = chat(gateway, key, model="agent")
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "model_forbidden")

        def get(path: str, headers: dict[str, str] = key) -> httpx.Response:
            return httpx.get(f"{gateway.url}{path}", headers=headers, timeout=60)

        assert get("/v1/models/resolve").json()["model"] == "gpt-4o-mini"
        listed = [model["id"] for model in get("/v1/models").json()["data"]]
        assert listed == ["auto", "gpt-4o-mini"]
        assert [model["id"] for model in get("/models").json()] == ["gpt-4o-mini"]
        found = {name: get(f"/v1/models/{name}").status_code for name in ("gpt-4o-mini", "agent")}
        assert found == {"gpt-4o-mini": 200, "agent": 404}
        assert get("/v1/models", add_key(models=[])).json()["data"] == []
        everything = get("/v1/models", add_key()).json()["data"]
        assert {"auto", "agent", "offline/nova"} <= {model["id"] for model in everything}

    def _fallback(self, gateway: GatewayProcess, rows: Rows, openai_server: ProviderServer) -> None:
        self._configure(rows, "llm.fallbacks", {"error-500": ["gpt-4o-mini"]})

        def answered() -> httpx.Response | None:
            answer = chat(gateway, gateway.admin, model="error-500")
            return answer if answer.status_code == 200 else None

        answer = wait_until(answered, what="the fallback to be known", every=0.5)
        assert answer.headers["x-nova-model"] == answer.json()["model"] == "gpt-4o-mini"
        # This server's models know the limit of an answer by one name only.
        limits = {"max_tokens": None, "max_completion_tokens": 2}
        chat(gateway, gateway.admin, model="error-500", **limits)
        *_, named, fallback = [request.json for request in openai_server.requests]
        assert (named["model"], named["max_completion_tokens"]) == ("error-500", 2)
        assert (fallback["model"], fallback["max_tokens"]) == ("gpt-4o-mini", 2)
        assert "max_completion_tokens" not in fallback
        assert chat(gateway, gateway.admin, model="error-400").status_code == 400

    def _quota(self, gateway: GatewayProcess, rows: Rows) -> None:
        self._configure(rows, "limits.provider_daily_requests", {"openai": 0})

        def refused() -> httpx.Response | None:
            answer = chat(gateway, gateway.admin)
            return answer if answer.status_code == 429 else None

        answer = wait_until(refused, what="the quota to be known", every=0.5)
        assert answer.json()["error"]["code"] == "provider_quota_exceeded"
        assert int(answer.headers["retry-after"]) > 0
        health = httpx.get(f"{gateway.url}/health/providers", headers=gateway.admin, timeout=60)
        (found,) = [one for one in health.json() if one["slug"] == "openai"]
        assert (found["daily_requests"], found["breaker"]) == (0, "closed")
        self._configure(rows, "limits.provider_daily_requests", {})
        wait_until(
            lambda: chat(gateway, gateway.admin).status_code == 200, what="no quota", every=0.5
        )

    def _configure(self, rows: Rows, key: str, value: Any) -> None:
        rows(
            "UPDATE platform_config SET value = $2::text::jsonb WHERE key = $1",
            key,
            json.dumps(value),
        )
