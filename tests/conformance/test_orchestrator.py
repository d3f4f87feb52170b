"""What any orchestrator must do for its administrators and key holders, asked by HTTP alone.

Runs against NOVA_CONFORMANCE_ORCHESTRATOR_URL (with NOVA_ADMIN_SECRET) if that is set, else against
Nova's own, started for it. It leaves nothing behind but audit entries and cancelled tasks.
"""

import os
import uuid
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from pydantic import TypeAdapter

from contracts.administration import (
    ApiKey,
    AuditEntry,
    ConfigEntry,
    CreatedKey,
    Identity,
    KeyValidation,
    SessionInfo,
    ToolGroup,
    UsageEvent,
    UsageSummary,
)
from contracts.agents import AgentInfo
from contracts.errors import ErrorBody
from contracts.health import Liveness, Readiness
from contracts.orchestrator import (
    PipelineSubmitted,
    PipelineTaskDetail,
    QueueStats,
    TaskResult,
)
from contracts.pods import Pod, PodAgent
from tests.fixtures.orchestrator_process import ADMIN_SECRET, running_orchestrator
from tests.fixtures.postgres import PostgresServer
from tests.fixtures.redis import RedisServer

V1 = "/api/v1"
_OUTSIDE_URL = "NOVA_CONFORMANCE_ORCHESTRATOR_URL"
LISTS = {
    "agents": AgentInfo,
    "pods": Pod,
    "keys": ApiKey,
    "config": ConfigEntry,
    "audit": AuditEntry,
    "usage": UsageEvent,
}


@pytest.fixture(scope="module")
def target(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The URL under test and its admin secret."""
    if url := os.environ.get(_OUTSIDE_URL):
        yield url, os.environ["NOVA_ADMIN_SECRET"]
        return
    postgres: PostgresServer = request.getfixturevalue("postgres_server")
    redis: RedisServer = request.getfixturevalue("redis_server")
    name = f"conformance_{uuid.uuid4().hex}"
    postgres.execute(f"CREATE DATABASE {name}")
    home = tmp_path_factory.mktemp("orchestrator")
    with running_orchestrator(
        home, database_url=postgres.dsn(name), redis_url=redis.url
    ) as orchestrator:
        yield orchestrator.url, ADMIN_SECRET
    postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def stranger(target: tuple[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=target[0], timeout=60) as client:
        yield client


@pytest.fixture
async def admin(target: tuple[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"X-Admin-Secret": target[1]}
    async with httpx.AsyncClient(base_url=target[0], headers=headers, timeout=60) as client:
        yield client


def expect_error(answer: httpx.Response, status: int) -> ErrorBody:
    assert answer.status_code == status, answer.text
    body = ErrorBody.model_validate_json(answer.content)
    assert body.detail
    assert body.request_id == answer.headers["x-request-id"]
    return body


class TestHealth:
    async def test_alive_and_ready(self, stranger: httpx.AsyncClient) -> None:
        Liveness.model_validate_json((await stranger.get("/health/live")).content)
        for path in ("/health/ready", "/health/startup"):
            ready = await stranger.get(path)
            assert ready.status_code == 200
            Readiness.model_validate_json(ready.content)

    async def test_its_interface_and_metrics_are_published(
        self, stranger: httpx.AsyncClient
    ) -> None:
        paths = (await stranger.get("/openapi.json")).json()["paths"]
        assert {f"{V1}/{name}" for name in LISTS} <= set(paths)
        assert (await stranger.get("/docs")).status_code == 200
        assert "nova_http_requests_total" in (await stranger.get("/metrics")).text


class TestLists:
    @pytest.mark.parametrize(("name", "kind"), LISTS.items())
    async def test_items_fit_the_contract_and_are_counted(
        self, admin: httpx.AsyncClient, name: str, kind: type
    ) -> None:
        answer = await admin.get(f"{V1}/{name}", params={"limit": 2})
        items = TypeAdapter(list[kind]).validate_json(answer.content)
        assert len(items) == min(2, int(answer.headers["x-total-count"]))
        for wrong in ("limit=0", "limit=201", "offset=-1", "offset=x"):
            expect_error(await admin.get(f"{V1}/{name}?{wrong}"), 422)

    @pytest.mark.parametrize("name", LISTS)
    async def test_a_stranger_sees_none(self, stranger: httpx.AsyncClient, name: str) -> None:
        expect_error(await stranger.get(f"{V1}/{name}"), 401)

    @pytest.mark.parametrize("name", ["agents", "pods", "tasks", "pipeline/tasks", "keys"])
    async def test_unknown_and_malformed_ids(self, admin: httpx.AsyncClient, name: str) -> None:
        method = "DELETE" if name == "keys" else "GET"
        expect_error(await admin.request(method, f"{V1}/{name}/{uuid.uuid4()}"), 404)
        expect_error(await admin.request(method, f"{V1}/{name}/nonsense"), 422)


class TestKeys:
    async def test_a_keys_life(self, admin: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
        made = await admin.post(f"{V1}/keys", json={"name": "conformance"})
        assert made.status_code == 201
        key = CreatedKey.model_validate_json(made.content)
        assert key.raw_key == key.key
        assert key.raw_key.startswith("sk-nova-")
        headers = {"Authorization": f"Bearer {key.raw_key}"}
        answer = await stranger.get(f"{V1}/keys/validate", headers=headers)
        assert KeyValidation.model_validate_json(answer.content).id == key.id
        expect_error(await stranger.get(f"{V1}/config", headers=headers), 403)
        assert (await admin.delete(f"{V1}/keys/{key.id}")).status_code == 204
        expect_error(await admin.delete(f"{V1}/keys/{key.id}"), 404)

    async def test_a_wrong_key(self, stranger: httpx.AsyncClient) -> None:
        headers = {"X-API-Key": "sk-nova-" + "x" * 43}
        expect_error(await stranger.get(f"{V1}/keys/validate", headers=headers), 401)


class TestSession:
    async def test_log_in_and_out(
        self, stranger: httpx.AsyncClient, target: tuple[str, str]
    ) -> None:
        answer = await stranger.post(f"{V1}/session", json={"admin_secret": target[1]})
        info = SessionInfo.model_validate_json(answer.content)
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert (await stranger.get(f"{V1}/config")).status_code == 200
        expect_error(await stranger.post(f"{V1}/keys", json={"name": "x"}), 403)
        headers = {"X-CSRF-Token": info.csrf_token}
        assert (await stranger.delete(f"{V1}/session", headers=headers)).status_code == 204
        expect_error(await stranger.get(f"{V1}/session"), 401)

    async def test_a_wrong_secret(self, stranger: httpx.AsyncClient) -> None:
        expect_error(await stranger.post(f"{V1}/session", json={"admin_secret": "wrong"}), 401)


class TestConfiguration:
    async def test_a_change_shows_in_the_identity(
        self, admin: httpx.AsyncClient, stranger: httpx.AsyncClient
    ) -> None:
        entries = TypeAdapter(list[ConfigEntry]).validate_json(
            (await admin.get(f"{V1}/config")).content
        )
        before = next(entry.value for entry in entries if entry.key == "nova.name")
        for name in ("Conformance", before):
            answer = await admin.patch(f"{V1}/config/nova.name", json={"value": f'"{name}"'})
            assert ConfigEntry.model_validate_json(answer.content).value == name
            identity = await stranger.get(f"{V1}/identity")
            assert Identity.model_validate_json(identity.content).name == name

    async def test_what_is_refused(self, admin: httpx.AsyncClient) -> None:
        expect_error(await admin.patch(f"{V1}/config/no.such.key", json={"value": "1"}), 404)
        for value in ("5", "not json"):
            path = f"{V1}/config/nova.name"
            expect_error(await admin.patch(path, json={"value": value}), 422)


class TestAgents:
    async def test_an_agents_life(self, admin: httpx.AsyncClient) -> None:
        made = await admin.post(f"{V1}/agents", json={"config": {"name": "conformance"}})
        assert made.status_code == 201
        agent = AgentInfo.model_validate_json(made.content)
        path = f"{V1}/agents/{agent.id}"
        changed = await admin.patch(f"{path}/config", json={"model": "offline/nova"})
        assert AgentInfo.model_validate_json(changed.content).config.model == "offline/nova"
        assert (await admin.delete(path)).status_code == 204
        expect_error(await admin.get(path), 404)

    async def test_the_primary_agent_stays(self, admin: httpx.AsyncClient) -> None:
        agents = TypeAdapter(list[AgentInfo]).validate_json(
            (await admin.get(f"{V1}/agents", params={"limit": 200})).content
        )
        (primary,) = [agent for agent in agents if agent.is_primary]
        expect_error(await admin.delete(f"{V1}/agents/{primary.id}"), 409)
        expect_error(await admin.delete(f"{V1}/agents"), 400)


class TestPods:
    async def test_a_pods_life(self, admin: httpx.AsyncClient) -> None:
        name = f"conformance {uuid.uuid4()}"
        made = await admin.post(f"{V1}/pods", json={"name": name})
        assert made.status_code == 201
        path = f"{V1}/pods/{Pod.model_validate_json(made.content).id}"
        expect_error(await admin.post(f"{V1}/pods", json={"name": name}), 409)
        ids = []
        for agent in ("one", "two"):
            added = await admin.post(f"{path}/agents", json={"name": agent})
            assert added.status_code == 201
            ids.append(str(PodAgent.model_validate_json(added.content).id))
        reordered = await admin.post(f"{path}/agents/reorder", json={"ids": ids[::-1]})
        assert reordered.status_code == 200
        listed = TypeAdapter(list[PodAgent]).validate_json(
            (await admin.get(f"{path}/agents")).content
        )
        assert [agent.name for agent in listed] == ["two", "one"]
        assert (await admin.delete(f"{path}/agents/{ids[0]}")).status_code == 204
        assert (await admin.delete(path)).status_code == 204

    async def test_what_ships(self, admin: httpx.AsyncClient) -> None:
        pods = TypeAdapter(list[Pod]).validate_json(
            (await admin.get(f"{V1}/pods", params={"limit": 200})).content
        )
        shipped = {pod.name: pod for pod in pods if pod.is_system_default}
        assert len(shipped) == 5
        for pod in shipped.values():
            expect_error(await admin.delete(f"{V1}/pods/{pod.id}"), 409)


class TestTasks:
    async def test_a_pipeline_task_is_queued_and_can_be_cancelled(
        self, admin: httpx.AsyncClient
    ) -> None:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        body = {"user_input": "Say hello", "pod_name": "Quick Reply"}
        first, second = [
            await admin.post(f"{V1}/pipeline/tasks", json=body, headers=key) for _ in range(2)
        ]
        assert first.status_code == 202
        task = PipelineSubmitted.model_validate_json(first.content)
        assert (task.status, task.pod_name) == ("queued", "Quick Reply")
        assert PipelineSubmitted.model_validate_json(second.content).task_id == task.task_id
        path = f"{V1}/pipeline/tasks/{task.task_id}"
        PipelineTaskDetail.model_validate_json((await admin.get(path)).content)
        cancelled = await admin.post(f"{path}/cancel")
        if cancelled.status_code == 409:
            return  # A worker was faster.
        assert cancelled.status_code == 200, cancelled.text
        detail = PipelineTaskDetail.model_validate_json((await admin.get(path)).content)
        assert detail.status == "cancelled"
        expect_error(await admin.post(f"{path}/cancel"), 409)

    async def test_what_is_refused(self, admin: httpx.AsyncClient) -> None:
        path = f"{V1}/pipeline/tasks"
        expect_error(await admin.post(path, json={}), 422)
        unknown = {"user_input": "x", "pod_name": "No Such Pod"}
        expect_error(await admin.post(path, json=unknown), 404)
        body = {"agent_id": str(uuid.uuid4()), "messages": [{"role": "user", "content": "x"}]}
        expect_error(await admin.post(f"{V1}/tasks", json=body), 404)

    async def test_an_agents_task_can_be_read(self, admin: httpx.AsyncClient) -> None:
        agents = (await admin.get(f"{V1}/agents")).json()
        body = {
            "agent_id": agents[0]["id"],
            "messages": [{"role": "user", "content": "Say hello"}],
        }
        answer = await admin.post(f"{V1}/tasks", json=body)
        assert answer.status_code == 202, answer.text
        task = TaskResult.model_validate_json(answer.content)
        await admin.post(f"{V1}/tasks/{task.task_id}/cancel")
        read = await admin.get(f"{V1}/tasks/{task.task_id}")
        assert TaskResult.model_validate_json(read.content).agent_id == task.agent_id

    async def test_the_queue_and_the_tools(self, admin: httpx.AsyncClient) -> None:
        stats = await admin.get(f"{V1}/pipeline/queue-stats")
        assert QueueStats.model_validate_json(stats.content).queue_depth >= 0
        groups = TypeAdapter(list[ToolGroup]).validate_json(
            (await admin.get(f"{V1}/tools")).content
        )
        names = {tool.name for group in groups for tool in group.tools}
        assert {"list_dir", "read_file", "write_file", "search_codebase", "run_shell"} <= names


class TestUsage:
    @pytest.mark.parametrize("period", ["day", "week", "month"])
    async def test_sums_add_up(self, admin: httpx.AsyncClient, period: str) -> None:
        answer = await admin.get(f"{V1}/usage/summary", params={"period": period})
        summary = UsageSummary.model_validate_json(answer.content)
        assert summary.total_calls == sum(item.calls for item in summary.items)
