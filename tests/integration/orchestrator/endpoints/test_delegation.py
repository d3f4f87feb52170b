"""Work that is delegated to external agents: sent once, waited for durably, whatever dies."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.orchestrator.tasks import service
from tests.fixtures.engine import ADMIN, ScriptedGateway, calls, text
from tests.fixtures.external_agents import TOKEN, ExternalAgent, connect, running_a2a_agent
from tests.fixtures.links import Answer, Cast, LinksRig
from tests.fixtures.ports import free_port
from tests.fixtures.providers.server import ProviderServer, Reply, Request


def delegating(**arguments: Any) -> Answer:
    def play(_question: str, results: list[str]) -> list[Any]:
        if results:
            return text(results[-1])
        return calls("delegate_to_agent", **{"endpoint": "Tester", **arguments})

    return play


@pytest.fixture
async def agent(links: LinksRig, tmp_path: Path) -> AsyncIterator[ExternalAgent]:
    with running_a2a_agent(tmp_path / "agent") as agent:
        await connect(links.rig.database, "Tester", agent.url)
        yield agent


async def run(links: LinksRig, gateway: ScriptedGateway) -> Any:
    """Run a task of the agent Boss to its end, asking after what it has delegated."""
    boss = await links.agent("Boss")
    task_id = await links.ask(boss)
    engine = links.engine(gateway)
    await engine.on_wake()
    return await polled_to_end(links, engine, task_id)


async def polled_to_end(links: LinksRig, engine: Any, task_id: Any) -> Any:
    async with asyncio.timeout(30):
        while (await links.rig.task(task_id)).status not in {"complete", "failed", "cancelled"}:
            await links.poll()
            await engine.on_wake()
            await asyncio.sleep(0.02)
    return await links.rig.task(task_id)


class TestA2a:
    async def test_the_result_comes_back(self, links: LinksRig, agent: ExternalAgent) -> None:
        with ScriptedGateway(Cast(Boss=delegating(message="sort it"))) as gateway:
            task = await run(links, gateway)
        assert task.output == "did \nsort it"
        assert agent.received == ["sort it"]

    async def test_long_work_holds_nothing_and_is_asked_after(
        self, links: LinksRig, agent: ExternalAgent
    ) -> None:
        boss = await links.agent("Boss")
        with ScriptedGateway(Cast(Boss=delegating(message="wait long"))) as gateway:
            task_id = await links.ask(boss)
            engine = links.engine(gateway, slots=1)
            await engine.on_wake()
            await links.until_status(task_id, "submitted")
            await links.poll()
            await links.sweep()
            assert (await links.rig.task(task_id)).status == "submitted"
            agent.go()
            task = await polled_to_end(links, engine, task_id)
        assert task.output == "waited for long"
        assert agent.received == ["wait long"]

    @pytest.mark.parametrize(
        "point", ["delegation-sent", "delegation-kept", "links-awaited", "links-suspended"]
    )
    async def test_a_worker_that_dies_sends_it_no_second_time(
        self, links: LinksRig, agent: ExternalAgent, point: str
    ) -> None:
        boss = await links.agent("Boss")
        with ScriptedGateway(Cast(Boss=delegating(message="wait long"))) as gateway:
            task_id = await links.ask(boss)
            async with links.killed():
                first = links.engine(gateway, failpoint=f"{point}:raise")
                await first.on_wake()
                await first.wait_until_idle()
            second = links.engine(gateway)
            await second.free_earlier_boots()
            await second.on_wake()
            agent.go()
            task = await polled_to_end(links, second, task_id)
        assert task.output == "waited for long"
        assert agent.received == ["wait long"]

    async def test_a_doubt_that_nobody_can_settle_is_told(
        self, links: LinksRig, agent: ExternalAgent
    ) -> None:
        boss = await links.agent("Boss")
        with ScriptedGateway(Cast(Boss=delegating(message="sort it"))) as gateway:
            task_id = await links.ask(boss)
            async with links.killed():
                first = links.engine(gateway, failpoint="delegation-begun:raise")
                await first.on_wake()
                await first.wait_until_idle()
            second = links.engine(gateway)
            await second.free_earlier_boots()
            await second.on_wake()
            task = await links.rig.ended(task_id)
        assert (task.output or "").startswith("[tool error] Outcome unknown")
        assert agent.received == []

    async def test_a_cancelled_task_cancels_the_work(
        self, links: LinksRig, agent: ExternalAgent
    ) -> None:
        boss = await links.agent("Boss")
        with ScriptedGateway(Cast(Boss=delegating(message="wait long"))) as gateway:
            task_id = await links.ask(boss)
            await links.engine(gateway).on_wake()
            await links.until_status(task_id, "submitted")
            async with links.rig.database.transaction() as connection:
                await service.cancel_task(connection, task_id, actor=ADMIN)
            assert await links.rig.sql("SELECT 1 FROM remote_calls WHERE poll_at <= now()")
            await links.poll()
        assert (agent.folder / "cancelled").exists()
        assert await links.rig.sql("SELECT 1 FROM remote_calls") == []

    async def test_an_agent_that_is_away_for_a_while_is_waited_for(
        self, links: LinksRig, tmp_path: Path
    ) -> None:
        """And one that has lost its memory over that is told of, not asked for ever."""
        port = free_port()
        boss = await links.agent("Boss")
        with ScriptedGateway(Cast(Boss=delegating(message="wait long"))) as gateway:
            with running_a2a_agent(tmp_path / "agent", port=port) as agent:
                await connect(links.rig.database, "Tester", agent.url)
                task_id = await links.ask(boss)
                engine = links.engine(gateway)
                await engine.on_wake()
                await links.until_status(task_id, "submitted")
            await links.poll()
            assert (await links.rig.task(task_id)).status == "submitted"
            with running_a2a_agent(tmp_path / "agent", port=port):
                task = await polled_to_end(links, engine, task_id)
        assert "It has forgotten the work" in (task.output or "")

    async def test_an_endpoint_that_is_switched_off_meanwhile(
        self, links: LinksRig, agent: ExternalAgent
    ) -> None:
        boss = await links.agent("Boss")
        with ScriptedGateway(Cast(Boss=delegating(message="wait long"))) as gateway:
            task_id = await links.ask(boss)
            engine = links.engine(gateway)
            await engine.on_wake()
            await links.until_status(task_id, "submitted")
            await links.rig.sql("UPDATE agent_endpoints SET enabled = false")
            task = await polled_to_end(links, engine, task_id)
        assert "removed or switched off" in (task.output or "")


SUM = {"type": "object", "required": ["sum"], "properties": {"sum": {"type": "integer"}}}


class TestForms:
    async def answered(self, links: LinksRig, answer: object, **fields: object) -> str:
        async def reply(request: Request) -> Reply:
            assert request.headers["authorization"] == f"Bearer {TOKEN}"
            return Reply(answer)

        arguments = {"input": {"numbers": [1, 2]}}
        with (
            ProviderServer(reply) as server,
            ScriptedGateway(Cast(Boss=delegating(**arguments))) as gateway,
        ):
            await connect(links.rig.database, "Tester", server.url, protocol="generic", **fields)
            task = await run(links, gateway)
            self.bodies = [request.json for request in server.requests]
        return task.output

    async def test_an_answer_of_the_agreed_form(self, links: LinksRig) -> None:
        assert await self.answered(links, {"sum": 3}, output_schema=SUM) == '{"sum":3}'
        assert self.bodies == [{"input": {"numbers": [1, 2]}}]

    async def test_an_answer_of_another_form(self, links: LinksRig) -> None:
        said = await self.answered(links, {"total": 3}, output_schema=SUM)
        assert "not of the agreed form: the whole: 'sum' is a required property" in said

    async def test_input_of_another_form_is_not_sent(self, links: LinksRig) -> None:
        said = await self.answered(links, {"sum": 3}, input_schema=SUM)
        assert "takes input of another form" in said
        assert self.bodies == []

    async def test_a_schema_that_refers_elsewhere_fetches_nothing(self, links: LinksRig) -> None:
        async def reply(_request: Request) -> Reply:
            return Reply({})

        with ProviderServer(reply) as other:
            schema = {"$ref": f"{other.url}/schema.json"}
            said = await self.answered(links, {"sum": 3}, output_schema=schema)
            assert other.requests == []
        assert "not part of it" in said

    async def test_text_that_no_column_holds(self, links: LinksRig) -> None:
        assert await self.answered(links, {"output": "a\0b"}) == "a\ufffdb"


async def test_an_agent_that_is_not_connected(links: LinksRig) -> None:
    with ScriptedGateway(Cast(Boss=delegating(message="x"))) as gateway:
        task = await run(links, gateway)
    assert "There is no external agent 'Tester'" in task.output
