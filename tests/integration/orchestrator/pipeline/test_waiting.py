"""A task that waits for a person outlives the processes: they are killed, and it goes on."""

import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.engine import ScriptedGateway
from tests.fixtures.orchestrator_process import ADMIN_SECRET, running_orchestrator, running_worker
from tests.fixtures.pipeline import Model
from tests.fixtures.postgres import PostgresServer
from tests.fixtures.redis import RedisServer
from tests.fixtures.working_orchestrator import until_status

TASKS = "/api/v1/pipeline/tasks"
BLOCKED = {"blocked": True, "summary": "A secret"}
ASKS = {"summary": "unclear", "questions": ["Which cat?"]}


class Nova:
    """An orchestrator and its pipeline worker that can be killed and started again."""

    def __init__(self, home: Path, settings: dict[str, str]) -> None:
        self.home = home
        self.settings = settings
        self.stack = ExitStack()
        self.boots = 0

    def start(self) -> httpx.AsyncClient:
        self.boots += 1
        home = self.home / str(self.boots)
        home.mkdir()
        self.app = self.stack.enter_context(running_orchestrator(home, **self.settings))
        worker = running_worker("pipeline", home, may_be_killed=True, **self.settings)
        self.worker = self.stack.enter_context(worker)
        headers = {"X-Admin-Secret": ADMIN_SECRET}
        return httpx.AsyncClient(base_url=self.app.url, headers=headers, timeout=60)

    def kill(self) -> None:
        for process in (self.worker, self.app.process):
            process.kill()
            process.wait()


@pytest.fixture
def settings(
    postgres_server: PostgresServer, template_database: str, redis_server: RedisServer
) -> Any:
    name = f"waiting_{uuid.uuid4().hex}"
    postgres_server.execute(f"CREATE DATABASE {name} TEMPLATE {template_database}")
    yield {"database_url": postgres_server.dsn(name), "redis_url": redis_server.url}
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


class TestKilledWhileItWaits:
    @pytest.mark.parametrize("decision", ["approve", "reject"])
    async def test_a_question_and_a_review(
        self, settings: dict[str, str], tmp_path: Path, decision: str
    ) -> None:
        model = Model(context=ASKS, guardrail=BLOCKED)
        with ScriptedGateway(model) as gateway:
            nova = Nova(tmp_path, {**settings, "NOVA_LLM_GATEWAY_URL": gateway.url})
            with nova.stack:
                async with nova.start() as client:
                    body = {"user_input": "Do it", "pod_name": "Quartet"}
                    submitted = await client.post(TASKS, json=body)
                    assert submitted.status_code == 202, submitted.text
                    path = f"{TASKS}/{submitted.json()['task_id']}"
                    asked = await until_status(client, path, "clarification_needed")
                    nova.kill()
                async with nova.start() as client:
                    assert (await client.get(path)).json()["pending"] == asked["pending"]
                    answers = {"answers": ["Tom"]}
                    assert (await client.post(f"{path}/clarify", json=answers)).is_success
                    waiting = await until_status(client, path, "pending_human_review")
                    nova.kill()
                async with nova.start() as client:
                    pending = (await client.get(path)).json()["pending"]
                    assert pending == waiting["pending"]
                    review = {"decision": decision, "comment": "Seen", "pending_id": pending["id"]}
                    assert (await client.post(f"{path}/review", json=review)).is_success
                    ended = await until_status(client, path, "complete", "failed")
                    if decision == "reject":
                        assert (ended["status"], ended["error"]) == (
                            "failed",
                            "Rejected in review: Seen",
                        )
                        return
                    assert (ended["status"], ended["output"]) == ("complete", "done")
        assert all(model.asked.count(role) == 1 for role in model.asked)
