"""The orchestrator is ready when tasks can be submitted, not as soon as its tables are there."""

import asyncio
from typing import Any

import asyncpg
import httpx
from pydantic import SecretStr

from services.orchestrator.app import build_app
from tests.fixtures.orchestrator import ADMIN, settings_for
from tests.fixtures.redis import RedisServer


async def readiness(client: httpx.AsyncClient) -> tuple[int, dict[str, Any]]:
    answer = await client.get("/health/ready")
    return answer.status_code, answer.json()["checks"]


async def test_not_before_the_shipped_pods_are_there(
    database_url: str, redis_server: RedisServer
) -> None:
    settings = settings_for(database_url, redis_url=SecretStr(redis_server.url))
    app = build_app(settings)
    blocker = await asyncpg.connect(database_url)
    held = blocker.transaction()
    await held.start()
    await blocker.execute("LOCK TABLE pods IN EXCLUSIVE MODE")
    async with app.router.lifespan_context(app) as state:
        # As a server does it: each request is given what the lifespan yields.
        async def served(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        transport = httpx.ASGITransport(served, client=("192.0.2.7", 4321))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8000", headers=ADMIN
        ) as client:
            status, checks = await readiness(client)
            assert (status, checks["schema"]) == (503, "ok")
            assert "pods" in checks["shipped"]
            await held.rollback()
            async with asyncio.timeout(30):
                while (await readiness(client))[0] != 200:  # noqa: ASYNC110 - it asks the service
                    await asyncio.sleep(0.02)
            answer = await client.post("/api/v1/pipeline/tasks", json={"user_input": "Hello"})
            assert answer.status_code == 202, answer.text
    await blocker.close()
