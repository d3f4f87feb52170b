"""The agents in a pod over HTTP: their fields, their order, their conditions."""

import uuid

import pytest

from tests.fixtures.orchestrator import Orchestrator


@pytest.fixture
async def path(orchestrator: Orchestrator) -> str:
    """The path of the agents of an empty pod."""
    pod = await orchestrator.admin.post("/api/v1/pods", json={"name": "p"})
    return f"/api/v1/pods/{pod.json()['id']}/agents"


async def add(nova: Orchestrator, path: str, name: str, **fields: object) -> str:
    answer = await nova.admin.post(path, json={"name": name, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def order(nova: Orchestrator, path: str) -> list[str]:
    return [agent["name"] for agent in (await nova.admin.get(path)).json()]


class TestCreate:
    async def test_only_a_name_is_needed(self, orchestrator: Orchestrator, path: str) -> None:
        answer = await orchestrator.admin.post(path, json={"name": "one"})
        assert answer.status_code == 201
        agent = answer.json()
        assert (agent["role"], agent["position"], agent["allowed_tools"]) == ("task", 0, None)
        assert agent["run_condition"] == {"type": "always"}

    async def test_no_tools_are_not_all_tools(self, orchestrator: Orchestrator, path: str) -> None:
        await add(orchestrator, path, "one", allowed_tools=[])
        assert (await orchestrator.admin.get(path)).json()[0]["allowed_tools"] == []

    async def test_at_a_taken_position_the_later_ones_move_on(
        self, orchestrator: Orchestrator, path: str
    ) -> None:
        for name in ("a", "b", "c"):
            await add(orchestrator, path, name)
        await add(orchestrator, path, "new", position=1)
        assert await order(orchestrator, path) == ["a", "new", "b", "c"]

    @pytest.mark.parametrize(
        "condition",
        [
            {"type": "never"},
            {"type": "on_flag", "flag": "x"},
            {"type": "or", "conditions": [{"type": "has_tag", "tag": "t"}, {"type": "always"}]},
        ],
    )
    async def test_conditions_are_kept(
        self, orchestrator: Orchestrator, path: str, condition: dict[str, object]
    ) -> None:
        await add(orchestrator, path, "one", run_condition=condition)
        assert (await orchestrator.admin.get(path)).json()[0]["run_condition"] == condition

    @pytest.mark.parametrize(
        "fields",
        [
            {"run_condition": {}},
            {"run_condition": {"type": "on_flag"}},
            {"run_condition": {"type": "and", "conditions": []}},
            {"run_condition": {"type": ["and"]}},
            {"output_schema": {"type": "nonsense"}},
            {"output_schema": {"a": 2**70, "type": 1}},
            {"temperature": 3},
            {"max_tokens": 2**40},
            {"position": 2**40},
            {"position": -1},
            {"role": " "},
            {"on_failure": "shrug"},
        ],
    )
    async def test_wrong_fields_are_refused(
        self, orchestrator: Orchestrator, path: str, fields: dict[str, object]
    ) -> None:
        answer = await orchestrator.admin.post(path, json={"name": "one", **fields})
        assert answer.status_code == 422, answer.text
        assert await order(orchestrator, path) == []

    async def test_an_unknown_pod(self, orchestrator: Orchestrator) -> None:
        path = f"/api/v1/pods/{uuid.uuid4()}/agents"
        assert (await orchestrator.admin.post(path, json={"name": "a"})).status_code == 404
        assert (await orchestrator.admin.get(path)).status_code == 404


class TestUpdate:
    async def test_only_given_fields_change(self, orchestrator: Orchestrator, path: str) -> None:
        agent_id = await add(orchestrator, path, "one", allowed_tools=["read_file"], model="m")
        answer = await orchestrator.admin.patch(
            f"{path}/{agent_id}", json={"allowed_tools": None, "temperature": 0.9}
        )
        agent = answer.json()
        assert (agent["allowed_tools"], agent["temperature"], agent["model"]) == (None, 0.9, "m")
        assert (await orchestrator.audit("pod_agent.updated"))[0]["detail"]["changed"] == [
            "allowed_tools",
            "temperature",
        ]

    async def test_a_new_position_moves_it(self, orchestrator: Orchestrator, path: str) -> None:
        ids = [await add(orchestrator, path, name) for name in ("a", "b", "c")]
        await orchestrator.admin.patch(f"{path}/{ids[2]}", json={"position": 0})
        assert await order(orchestrator, path) == ["c", "a", "b"]

    async def test_an_agent_of_another_pod_is_unknown(
        self, orchestrator: Orchestrator, path: str
    ) -> None:
        agent_id = await add(orchestrator, path, "a")
        other = (await orchestrator.admin.post("/api/v1/pods", json={"name": "q"})).json()["id"]
        wrong = f"/api/v1/pods/{other}/agents/{agent_id}"
        assert (await orchestrator.admin.patch(wrong, json={})).status_code == 404
        assert (await orchestrator.admin.delete(wrong)).status_code == 404


class TestReorder:
    async def test_the_given_order_holds(self, orchestrator: Orchestrator, path: str) -> None:
        ids = [await add(orchestrator, path, name) for name in ("a", "b", "c")]
        answer = await orchestrator.admin.post(f"{path}/reorder", json={"ids": ids[::-1]})
        assert [agent["position"] for agent in answer.json()] == [0, 1, 2]
        assert await order(orchestrator, path) == ["c", "b", "a"]

    async def test_it_names_exactly_the_pods_agents(
        self, orchestrator: Orchestrator, path: str
    ) -> None:
        ids = [await add(orchestrator, path, name) for name in ("a", "b")]
        for wrong in (ids[:1], [ids[0], ids[0]], [*ids, str(uuid.uuid4())], [], ["x"]):
            answer = await orchestrator.admin.post(f"{path}/reorder", json={"ids": wrong})
            assert answer.status_code == 422
        assert await order(orchestrator, path) == ["a", "b"]


class TestDelete:
    async def test_it_is_gone(self, orchestrator: Orchestrator, path: str) -> None:
        agent_id = await add(orchestrator, path, "a")
        assert (await orchestrator.admin.delete(f"{path}/{agent_id}")).status_code == 204
        assert (await orchestrator.admin.delete(f"{path}/{agent_id}")).status_code == 404
