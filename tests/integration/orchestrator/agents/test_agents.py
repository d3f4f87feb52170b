"""Agents over HTTP, and what a starting orchestrator makes sure of."""

import asyncio
import json
import uuid

import pytest

from services.orchestrator.agents.service import (
    ensure_primary_agent,
    hold_agent,
    recover_agent_status,
)
from tests.fixtures.orchestrator import Orchestrator, eventually, execute

AGENTS = "/api/v1/agents"


async def primary(nova: Orchestrator) -> dict:
    return next(one for one in (await nova.admin.get(AGENTS)).json() if one["is_primary"])


async def make(nova: Orchestrator, **config: object) -> dict:
    answer = await nova.admin.post(AGENTS, json={"config": {"name": "a", **config}})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def give_task(database_url: str, agent_id: str, *, running: bool = False) -> None:
    task = uuid.uuid4()
    await execute(database_url, "INSERT INTO streams (id, kind) VALUES ($1, 'session')", task)
    await execute(
        database_url,
        "INSERT INTO tasks (id, kind, queue, status, stream_id, stream_after, agent_id, user_input)"
        " VALUES ($1, 'agent', 'interactive', 'queued', $1, 0, $2, 'x')",
        task,
        uuid.UUID(agent_id),
    )
    if running:
        await execute(
            database_url,
            "UPDATE tasks SET status = 'task_running', holder = 'w', boot_id = id,"
            " lease_until = now(), started_at = now() WHERE id = $1",
            task,
        )


class TestCreate:
    async def test_a_key_may_and_defaults_are_filled_in(self, orchestrator: Orchestrator) -> None:
        key = await orchestrator.make_key()
        answer = await orchestrator.anonymous.post(
            AGENTS,
            json={"config": {"name": "helper", "unknown": 1}},
            headers={"X-API-Key": key["key"]},
        )
        assert answer.status_code == 201
        agent = answer.json()
        assert (agent["config"]["model"], agent["status"]) == ("auto", "idle")
        assert agent["config"]["tools"] is None
        got = await orchestrator.admin.get(f"{AGENTS}/{agent['id']}")
        assert got.json() == agent
        (entry,) = [
            one
            for one in await orchestrator.audit("agent.created")
            if one["subject_id"] == agent["id"]
        ]
        assert entry["actor"] == f"key:{key['id']}"

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"config": None},
            {"config": {"name": ""}},
            {"config": {"name": "  "}},
            {"config": {"model": " "}},
            {"config": {"tools": "all"}},
            {"config": {"memory_tiers": ["imaginary"]}},
            {"config": {"max_context_tokens": 10**30}},
            {"config": {"metadata": {"deep": json.loads("[" * 80 + "]" * 80)}}},
        ],
    )
    async def test_wrong_bodies_are_refused(
        self, orchestrator: Orchestrator, body: dict[str, object]
    ) -> None:
        assert (await orchestrator.admin.post(AGENTS, json=body)).status_code == 422

    async def test_large_numbers_in_metadata_are_kept(self, orchestrator: Orchestrator) -> None:
        agent = await make(orchestrator, metadata={"n": 2**80, "f": 1.5, "s": "ü😀"})
        assert agent["config"]["metadata"] == {"n": 2**80, "f": 1.5, "s": "ü😀"}


class TestUpdate:
    async def test_only_given_fields_change(self, orchestrator: Orchestrator) -> None:
        agent = await make(orchestrator, tools=["read_file"], system_prompt="p")
        path = f"{AGENTS}/{agent['id']}/config"
        answer = await orchestrator.admin.patch(path, json={"tools": None, "model": "m"})
        config = answer.json()["config"]
        assert (config["tools"], config["model"], config["system_prompt"]) == (None, "m", "p")
        assert (await orchestrator.admin.patch(path, json={"name": None})).status_code == 422

    async def test_a_key_may_not(self, orchestrator: Orchestrator) -> None:
        agent = await make(orchestrator)
        key = await orchestrator.make_key()
        answer = await orchestrator.anonymous.patch(
            f"{AGENTS}/{agent['id']}/config", json={}, headers={"X-API-Key": key["key"]}
        )
        assert answer.status_code == 403


class TestDelete:
    async def test_it_is_gone(self, orchestrator: Orchestrator) -> None:
        path = f"{AGENTS}/{(await make(orchestrator))['id']}"
        assert (await orchestrator.admin.delete(path)).status_code == 204
        assert (await orchestrator.admin.get(path)).status_code == 404
        assert (await orchestrator.admin.delete(path)).status_code == 404
        assert (await orchestrator.admin.delete(f"{AGENTS}/nonsense")).status_code == 422

    async def test_the_primary_agent_stays(self, orchestrator: Orchestrator) -> None:
        answer = await orchestrator.admin.delete(f"{AGENTS}/{(await primary(orchestrator))['id']}")
        assert (answer.status_code, answer.json()["code"]) == (409, "primary_agent")

    async def test_an_agent_with_unfinished_tasks_stays(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        agent = await make(orchestrator)
        await give_task(database_url, agent["id"])
        answer = await orchestrator.admin.delete(f"{AGENTS}/{agent['id']}")
        assert (answer.status_code, answer.json()["code"]) == (409, "agent_in_use")

    async def test_a_task_given_meanwhile_is_seen(self, orchestrator: Orchestrator) -> None:
        agent = await make(orchestrator)
        async with orchestrator.database.transaction() as connection:
            await hold_agent(connection, uuid.UUID(agent["id"]))
            deletion = asyncio.ensure_future(orchestrator.admin.delete(f"{AGENTS}/{agent['id']}"))

            async def it_waits() -> bool:
                async with orchestrator.database.connection() as other:
                    return await other.fetchval(
                        "SELECT EXISTS (SELECT FROM pg_stat_activity"
                        " WHERE datname = current_database() AND wait_event_type = 'Lock')"
                    )

            await eventually(it_waits)
            task = uuid.uuid4()
            await connection.execute("INSERT INTO streams (id, kind) VALUES ($1, 'session')", task)
            await connection.execute(
                "INSERT INTO tasks (id, kind, queue, status, stream_id, stream_after, agent_id,"
                " user_input) VALUES ($1, 'agent', 'interactive', 'queued', $1, 0, $2, 'x')",
                task,
                uuid.UUID(agent["id"]),
            )
        assert (await deletion).status_code == 409


class TestDeleteAll:
    async def test_it_must_be_confirmed(self, orchestrator: Orchestrator) -> None:
        await make(orchestrator)
        assert (await orchestrator.admin.delete(AGENTS)).status_code == 400
        assert (await orchestrator.admin.delete(f"{AGENTS}?confirm=false")).status_code == 400
        assert len((await orchestrator.admin.get(AGENTS)).json()) == 2

    async def test_the_primary_and_the_busy_ones_stay(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        busy = await make(orchestrator)
        await give_task(database_url, busy["id"])
        for _ in range(3):
            await make(orchestrator)
        answer = await orchestrator.admin.delete(f"{AGENTS}?confirm=true")
        assert answer.json() == {"deleted": 3}
        left = {one["id"] for one in (await orchestrator.admin.get(AGENTS)).json()}
        assert left == {busy["id"], (await primary(orchestrator))["id"]}


class TestStart:
    async def test_one_primary_agent_however_many_start(self, orchestrator: Orchestrator) -> None:
        before = await primary(orchestrator)
        async with orchestrator.database.connection() as connection:
            await connection.execute("DELETE FROM agents")

        async def start() -> None:
            async with orchestrator.database.transaction() as connection:
                await ensure_primary_agent(connection)

        await asyncio.gather(*(start() for _ in range(4)))
        (agent,) = (await orchestrator.admin.get(AGENTS)).json()
        assert agent["is_primary"]
        assert agent["id"] != before["id"]

    async def test_only_agents_that_seem_to_run_become_idle(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        stuck, busy, stopped = [await make(orchestrator) for _ in range(3)]
        await give_task(database_url, busy["id"], running=True)
        await execute(database_url, "UPDATE agents SET status = 'running'")
        await execute(
            database_url,
            "UPDATE agents SET status = 'stopped' WHERE id = $1",
            uuid.UUID(stopped["id"]),
        )
        async with orchestrator.database.transaction() as connection:
            assert await recover_agent_status(connection) == 2
        found = {one["id"]: one["status"] for one in (await orchestrator.admin.get(AGENTS)).json()}
        assert found[stuck["id"]] == "idle"
        assert found[busy["id"]] == "running"
        assert found[stopped["id"]] == "stopped"
