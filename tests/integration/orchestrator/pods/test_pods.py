"""Pods over HTTP: what ships, and what can be done with them."""

import asyncio
import uuid

import pytest

from services.orchestrator.pods.shipped import SHIPPED_PODS, ensure_system_pods
from tests.fixtures.orchestrator import Orchestrator, execute

PODS = "/api/v1/pods"


async def shipped(nova: Orchestrator, name: str) -> dict:
    pods = (await nova.admin.get(PODS)).json()
    return next(pod for pod in pods if pod["name"] == name)


class TestShippedPods:
    @pytest.mark.parametrize(
        ("name", "review", "threshold", "priority", "roles"),
        [
            (
                "Quartet",
                "on_escalation",
                "high",
                100,
                [
                    "context",
                    "task",
                    "guardrail",
                    "code_review",
                    "decision",
                    "documentation",
                    "diagramming",
                    "security_review",
                    "memory_extraction",
                ],
            ),
            ("Quick Reply", "never", "critical", 10, ["task"]),
            ("Research", "on_escalation", "high", 20, ["context", "task"]),
            ("Analysis", "on_escalation", "high", 30, ["context", "task"]),
        ],
    )
    async def test_each_is_as_documented(
        self,
        orchestrator: Orchestrator,
        name: str,
        review: str,
        threshold: str,
        priority: int,
        roles: list[str],
    ) -> None:
        pod = await shipped(orchestrator, name)
        assert pod["require_human_review"] == review
        assert pod["escalation_threshold"] == threshold
        assert pod["priority"] == priority
        assert pod["sandbox"] == "workspace"
        assert pod["max_execution_seconds"] == 300
        assert pod["is_system_default"]
        agents = (await orchestrator.admin.get(f"{PODS}/{pod['id']}/agents")).json()
        assert [agent["role"] for agent in agents] == roles

    async def test_the_judges_and_the_decision_of_the_quartet(
        self, orchestrator: Orchestrator
    ) -> None:
        pod = await shipped(orchestrator, "Quartet")
        agents = {
            agent["role"]: agent
            for agent in (await orchestrator.admin.get(f"{PODS}/{pod['id']}/agents")).json()
        }
        assert agents["task"]["allowed_tools"] is None
        assert agents["task"]["max_tokens"] == 8192
        assert agents["guardrail"]["allowed_tools"] == []
        assert agents["guardrail"]["on_failure"] == "escalate"
        flags = [one["flag"] for one in agents["decision"]["run_condition"]["conditions"]]
        assert flags == ["guardrail_blocked", "code_review_rejected"]
        assert {agents[role]["parallel_group"] for role in list(agents)[5:]} == {"after"}
        assert {agents[role]["on_failure"] for role in list(agents)[5:]} == {"skip"}

    async def test_a_restart_keeps_what_a_user_changed(self, orchestrator: Orchestrator) -> None:
        quartet = await shipped(orchestrator, "Quartet")
        path = f"{PODS}/{quartet['id']}"
        change = {"name": "My Quartet", "priority": 7}
        assert (await orchestrator.admin.patch(path, json=change)).status_code == 200
        agent = (await orchestrator.admin.get(f"{path}/agents")).json()[0]
        await orchestrator.admin.delete(f"{path}/agents/{agent['id']}")

        async with orchestrator.database.transaction() as connection:
            assert await ensure_system_pods(connection) == []

        again = (await orchestrator.admin.get(path)).json()
        assert (again["name"], again["priority"]) == ("My Quartet", 7)
        assert len((await orchestrator.admin.get(f"{path}/agents")).json()) == 8
        assert len((await orchestrator.admin.get(PODS)).json()) == len(SHIPPED_PODS)

    async def test_several_starts_at_once_insert_each_pod_once(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        await execute(database_url, "TRUNCATE pods CASCADE")

        async def start() -> None:
            async with orchestrator.database.transaction() as connection:
                await ensure_system_pods(connection)

        await asyncio.gather(*(start() for _ in range(4)))
        assert len((await orchestrator.admin.get(PODS)).json()) == len(SHIPPED_PODS)


class TestCreatePod:
    async def test_only_a_name_is_needed(self, orchestrator: Orchestrator) -> None:
        answer = await orchestrator.admin.post(PODS, json={"name": "Mine", "unknown": 1})
        assert answer.status_code == 201
        pod = answer.json()
        assert pod["max_execution_seconds"] == 300
        assert pod["is_system_default"] is False
        assert (await orchestrator.admin.get(f"{PODS}/{pod['id']}")).json() == pod
        entries = await orchestrator.audit("pod.created")
        assert [entry["subject_id"] for entry in entries] == [pod["id"]]

    async def test_a_taken_name_is_refused(self, orchestrator: Orchestrator) -> None:
        answer = await orchestrator.admin.post(PODS, json={"name": "Quartet"})
        assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")

    @pytest.mark.parametrize(
        "fields",
        [
            {"name": ""},
            {"name": "  "},
            {"name": "a\x00b"},
            {"name": 5},
            {"name": "a", "priority": 2**40},
            {"name": "a", "max_cost_usd": -1},
            {"name": "a", "routing_regex": "("},
            {"name": "a", "routing_regex": "a" * 501},
            {"name": "a", "routing_keywords": [" "]},
            {"name": "a", "sandbox": "moon"},
            {"name": "a", "fallback_pod_id": str(uuid.uuid4())},
            {"name": "a", "fallback_pod_id": "x"},
            {"name": "a", "metadata": {"\x00": 1}},
        ],
    )
    async def test_wrong_fields_are_refused(
        self, orchestrator: Orchestrator, fields: dict[str, object]
    ) -> None:
        answer = await orchestrator.admin.post(PODS, json=fields)
        assert answer.status_code == 422, answer.text

    async def test_a_key_may_read_but_not_write(self, orchestrator: Orchestrator) -> None:
        key = await orchestrator.make_key()
        headers = {"X-API-Key": key["raw_key"]}
        assert (await orchestrator.anonymous.get(PODS, headers=headers)).status_code == 200
        refused = await orchestrator.anonymous.post(PODS, json={"name": "a"}, headers=headers)
        assert refused.status_code == 403
        assert (await orchestrator.anonymous.get(PODS)).status_code == 401


class TestListPods:
    async def test_pages_are_newest_first_with_the_total(self, orchestrator: Orchestrator) -> None:
        for name in ("one", "two"):
            await orchestrator.admin.post(PODS, json={"name": name})
        answer = await orchestrator.admin.get(PODS, params={"limit": 1, "offset": 1})
        assert [pod["name"] for pod in answer.json()] == ["one"]
        assert answer.headers["X-Total-Count"] == str(len(SHIPPED_PODS) + 2)

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=201", "limit=x", "offset=-1", f"offset={2**31}"]
    )
    async def test_a_page_out_of_range_is_refused(
        self, orchestrator: Orchestrator, query: str
    ) -> None:
        assert (await orchestrator.admin.get(f"{PODS}?{query}")).status_code == 422


class TestUpdatePod:
    async def test_only_given_fields_change_and_null_clears(
        self, orchestrator: Orchestrator
    ) -> None:
        created = await orchestrator.admin.post(
            PODS, json={"name": "p", "max_cost_usd": 2.5, "priority": 3}
        )
        path = f"{PODS}/{created.json()['id']}"
        answer = await orchestrator.admin.patch(path, json={"max_cost_usd": None})
        assert answer.json() == {**created.json(), "max_cost_usd": None}

    @pytest.mark.parametrize(
        ("change", "status"),
        [({"name": None}, 422), ({"name": "Quartet"}, 409), ({"routing_regex": "[a"}, 422)],
    )
    async def test_wrong_changes_are_refused(
        self, orchestrator: Orchestrator, change: dict[str, object], status: int
    ) -> None:
        pod = (await orchestrator.admin.post(PODS, json={"name": "p"})).json()
        answer = await orchestrator.admin.patch(f"{PODS}/{pod['id']}", json=change)
        assert answer.status_code == status
        assert (await orchestrator.admin.get(f"{PODS}/{pod['id']}")).json() == pod

    async def test_a_loop_of_fallbacks_is_refused(self, orchestrator: Orchestrator) -> None:
        first = (await orchestrator.admin.post(PODS, json={"name": "a"})).json()["id"]
        second = (
            await orchestrator.admin.post(PODS, json={"name": "b", "fallback_pod_id": first})
        ).json()["id"]
        for pod_id, fallback in ((first, second), (first, first)):
            answer = await orchestrator.admin.patch(
                f"{PODS}/{pod_id}", json={"fallback_pod_id": fallback}
            )
            assert (answer.status_code, answer.json()["code"]) == (422, "fallback_loop")

    async def test_unknown_and_malformed_ids(self, orchestrator: Orchestrator) -> None:
        for path, status in ((f"{PODS}/{uuid.uuid4()}", 404), (f"{PODS}/nonsense", 422)):
            assert (await orchestrator.admin.get(path)).status_code == status
            assert (await orchestrator.admin.patch(path, json={})).status_code == status
            assert (await orchestrator.admin.delete(path)).status_code == status


class TestDeletePod:
    async def test_a_pod_goes_with_its_agents(self, orchestrator: Orchestrator) -> None:
        pod = (await orchestrator.admin.post(PODS, json={"name": "p"})).json()
        path = f"{PODS}/{pod['id']}"
        await orchestrator.admin.post(f"{path}/agents", json={"name": "one"})
        assert (await orchestrator.admin.delete(path)).status_code == 204
        assert (await orchestrator.admin.get(path)).status_code == 404
        assert len(await orchestrator.audit("pod.deleted")) == 1

    async def test_a_shipped_pod_stays(self, orchestrator: Orchestrator) -> None:
        pod = await shipped(orchestrator, "Analysis")
        answer = await orchestrator.admin.delete(f"{PODS}/{pod['id']}")
        assert (answer.status_code, answer.json()["code"]) == (409, "system_pod")

    async def test_a_pod_with_unfinished_tasks_stays(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        pod = (await orchestrator.admin.post(PODS, json={"name": "p"})).json()
        task = uuid.uuid4()
        await execute(database_url, "INSERT INTO streams (id, kind) VALUES ($1, 'task')", task)
        await execute(
            database_url,
            "INSERT INTO tasks (id, kind, queue, status, stream_id, stream_after, pod_id,"
            " user_input) VALUES ($1, 'pipeline', 'pipeline', 'queued', $1, 0, $2, 'x')",
            task,
            uuid.UUID(pod["id"]),
        )
        answer = await orchestrator.admin.delete(f"{PODS}/{pod['id']}")
        assert (answer.status_code, answer.json()["code"]) == (409, "pod_in_use")
        await execute(
            database_url,
            "UPDATE tasks SET status = 'cancelled', error = 'cancelled', completed_at = now()",
        )
        assert (await orchestrator.admin.delete(f"{PODS}/{pod['id']}")).status_code == 204
