"""Skills over HTTP: writing them, whom they are for, and what a task is told of them."""

import uuid
from typing import Any

import pytest

from services.orchestrator.policy.book import PolicyBook
from services.orchestrator.policy.model import Subject
from tests.fixtures.orchestrator import Orchestrator

SKILLS = "/api/v1/skills"


async def make(nova: Orchestrator, **fields: Any) -> dict[str, Any]:
    answer = await nova.admin.post(SKILLS, json={"name": "polite", "content": "Be kind.", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def told(nova: Orchestrator, subject: Subject) -> list[str]:
    """The names of the skills that hold for the subject, in order."""
    policy = await PolicyBook(nova.database).current()
    return [skill.name for skill in policy.skills_for(subject)]


class TestWriting:
    async def test_a_life(self, orchestrator: Orchestrator) -> None:
        skill = await make(orchestrator)
        path = f"{SKILLS}/{skill['id']}"
        assert (skill["scope"], skill["priority"], skill["parameters"]) == ("global", 0, [])
        assert skill == (await orchestrator.admin.get(path)).json()
        change = {
            "content": "Be {{how}}.",
            "parameters": [{"name": "how", "default": "kind", "required": True}],
        }
        answer = await orchestrator.admin.patch(path, json=change)
        assert answer.status_code == 200, answer.text
        assert answer.json()["parameters"] == [
            {"name": "how", "description": "", "required": True, "default": "kind"}
        ]
        listed = await orchestrator.admin.get(SKILLS)
        assert (len(listed.json()), listed.headers["X-Total-Count"]) == (1, "1")
        assert (await orchestrator.admin.delete(path)).status_code == 204
        assert (await orchestrator.admin.delete(path)).status_code == 404
        actions = [f"skill.{what}" for what in ("created", "updated", "deleted")]
        assert all([await orchestrator.audit(action) for action in actions])

    @pytest.mark.parametrize(
        "fields",
        [
            {"name": ""},
            {"name": " "},
            {"content": ""},
            {"content": "x" * 20_001},
            {"content": "Be {{how}}."},
            {"parameters": [{"name": "a b"}]},
            {"parameters": [{"name": "a\n"}]},
            {"parameters": [{"name": "a"}, {"name": "a"}]},
            {"parameters": [{"name": "a", "default": "x" * 2_001}]},
            {"scope": "world"},
            {"priority": 2**31},
        ],
    )
    async def test_what_makes_no_sense_is_refused(
        self, orchestrator: Orchestrator, fields: dict[str, Any]
    ) -> None:
        body = {"name": "polite", "content": "Be kind.", **fields}
        assert (await orchestrator.admin.post(SKILLS, json=body)).status_code == 422

    async def test_a_change_may_not_leave_a_place_undeclared(
        self, orchestrator: Orchestrator
    ) -> None:
        skill = await make(orchestrator, content="{{a}}", parameters=[{"name": "a"}])
        answer = await orchestrator.admin.patch(f"{SKILLS}/{skill['id']}", json={"parameters": []})
        assert (answer.status_code, answer.json()["code"]) == (422, "parameter_undeclared")

    async def test_a_name_is_given_once(self, orchestrator: Orchestrator) -> None:
        await make(orchestrator)
        answer = await orchestrator.admin.post(SKILLS, json={"name": "polite", "content": "x"})
        assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")

    async def test_a_system_skill_stays(self, orchestrator: Orchestrator) -> None:
        skill = await make(orchestrator)
        async with orchestrator.database.transaction() as connection:
            await connection.execute("UPDATE skills SET is_system = true")
        answer = await orchestrator.admin.delete(f"{SKILLS}/{skill['id']}")
        assert (answer.status_code, answer.json()["code"]) == (409, "system_skill")

    async def test_a_key_may_read(self, orchestrator: Orchestrator) -> None:
        skill = await make(orchestrator)
        key = await orchestrator.make_key()
        async with orchestrator.client(headers={"X-API-Key": key["raw_key"]}) as client:
            assert (await client.get(SKILLS)).status_code == 200
            assert (await client.get(f"{SKILLS}/{skill['id']}")).status_code == 200
            assert (await client.delete(f"{SKILLS}/{skill['id']}")).status_code == 403
        assert (await orchestrator.anonymous.get(SKILLS)).status_code == 401


class TestWhomTheyAreFor:
    async def test_priority_then_name(self, orchestrator: Orchestrator) -> None:
        for name, priority in (("b", 0), ("a", 0), ("last", -5), ("first", 9)):
            await make(orchestrator, name=name, priority=priority)
        await make(orchestrator, name="off", enabled=False)
        assert await told(orchestrator, Subject(agent_id=None)) == ["first", "a", "b", "last"]

    async def test_pods_and_agents(self, orchestrator: Orchestrator) -> None:
        pod = (await orchestrator.admin.post("/api/v1/pods", json={"name": "Mine"})).json()
        agents = f"/api/v1/pods/{pod['id']}/agents"
        agent = (await orchestrator.admin.post(agents, json={"name": "One"})).json()
        (chat_agent,) = await orchestrator.database_agents()
        skill = await make(orchestrator, scope="pod")
        path = f"{SKILLS}/{skill['id']}"
        pod_id, agent_id = uuid.UUID(pod["id"]), uuid.UUID(agent["id"])
        in_pod = Subject(agent_id=agent_id, pod_id=pod_id)
        in_chat = Subject(agent_id=uuid.UUID(chat_agent))
        assert await told(orchestrator, in_pod) == []

        answer = await orchestrator.admin.put(f"{path}/pods", json={"pod_ids": [pod["id"]] * 2})
        assert answer.json()["pod_ids"] == [pod["id"]]
        assert await told(orchestrator, in_pod) == ["polite"]
        assert await told(orchestrator, in_chat) == []

        ids = sorted([agent["id"], chat_agent])
        answer = await orchestrator.admin.put(f"{path}/agents", json={"agent_ids": ids})
        assert (answer.json()["agent_ids"], answer.json()["pod_ids"]) == (ids, [pod["id"]])
        await orchestrator.admin.patch(path, json={"scope": "agent"})
        assert await told(orchestrator, in_chat) == ["polite"]
        assert await told(orchestrator, Subject(agent_id=uuid.uuid4(), pod_id=pod_id)) == []

        for part, field in (("pods", "pod_ids"), ("agents", "agent_ids")):
            body = {field: [str(uuid.uuid4())]}
            assert (await orchestrator.admin.put(f"{path}/{part}", json=body)).status_code == 404
            unknown = f"{SKILLS}/{uuid.uuid4()}/{part}"
            answer = await orchestrator.admin.put(unknown, json={field: []})
            assert answer.json()["code"] == "unknown_skill"
        await orchestrator.admin.delete(f"/api/v1/pods/{pod['id']}")
        assert (await orchestrator.admin.get(path)).json()["agent_ids"] == [chat_agent]
