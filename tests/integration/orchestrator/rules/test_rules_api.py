"""Rules over HTTP: what ships, writing them, trying them."""

import asyncio
import uuid
from itertools import chain
from typing import Any

import pytest

from services.orchestrator.policy import queries as policy_queries
from services.orchestrator.rules.shipped import SHIPPED_RULES, ensure_system_rules
from tests.fixtures.orchestrator import Orchestrator

RULES = "/api/v1/rules"


async def rule_named(nova: Orchestrator, name: str) -> dict[str, Any]:
    rules = (await nova.admin.get(RULES)).json()
    return next(rule for rule in rules if rule["name"] == name)


async def make(nova: Orchestrator, **fields: Any) -> dict[str, Any]:
    body = {"rule_text": "Pay nobody.", "pattern": "pay", **fields}
    answer = await nova.admin.post(RULES, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def policy(nova: Orchestrator) -> dict[str, Any]:
    async with nova.database.connection() as connection:
        version = await policy_queries.current_version(connection)
        content: Any = await policy_queries.find(connection, version or 0)
        return content


class TestShipped:
    async def test_the_three_are_there(self, orchestrator: Orchestrator) -> None:
        rules = (await orchestrator.admin.get(RULES)).json()
        assert {rule["name"] for rule in rules} == {
            "no-rm-rf",
            "workspace-boundary",
            "no-secret-in-output",
        }
        assert all(rule["is_system"] and rule["enabled"] for rule in rules)
        assert {rule["action"] for rule in rules} == {"block"}

    async def test_they_can_be_disabled_and_not_deleted(self, orchestrator: Orchestrator) -> None:
        rule = await rule_named(orchestrator, "no-rm-rf")
        path = f"{RULES}/{rule['id']}"
        answer = await orchestrator.admin.delete(path)
        assert (answer.status_code, answer.json()["code"]) == (409, "system_rule")
        answer = await orchestrator.admin.patch(path, json={"name": "other"})
        assert (answer.status_code, answer.json()["code"]) == (409, "system_rule")
        answer = await orchestrator.admin.patch(path, json={"enabled": False})
        assert answer.status_code == 200
        assert not answer.json()["enabled"]
        assert "no-rm-rf" not in [one["name"] for one in (await policy(orchestrator))["rules"]]
        async with orchestrator.database.transaction() as connection:
            assert await ensure_system_rules(connection) == []
        assert not (await rule_named(orchestrator, "no-rm-rf"))["enabled"]

    async def test_two_starts_at_once_ship_each_once(self, orchestrator: Orchestrator) -> None:
        async with orchestrator.database.transaction() as connection:
            await connection.execute("DELETE FROM rules")

        async def ship() -> list[str]:
            async with orchestrator.database.transaction() as connection:
                return await ensure_system_rules(connection)

        added = await asyncio.gather(ship(), ship(), ship())
        assert sorted(chain.from_iterable(added)) == sorted(rule.name for rule in SHIPPED_RULES)

    @pytest.mark.parametrize(
        ("name", "call", "matches"),
        [
            ("no-rm-rf", {"tool": "run_shell", "arguments": {"command": "rm  -r -f /"}}, True),
            ("no-rm-rf", {"tool": "mcp__x__exec", "arguments": {"cmd": "find . -delete"}}, True),
            ("no-rm-rf", {"tool": "run_shell", "arguments": {"command": "ls"}}, False),
            ("no-rm-rf", {"text": "rm --recursive --force x"}, True),
            ("workspace-boundary", {"tool": "read_file", "arguments": {"path": "../x"}}, True),
            ("workspace-boundary", {"tool": "read_file", "arguments": {"path": "x"}}, False),
            ("workspace-boundary", {"tool": "run_shell", "arguments": {"path": "/"}}, False),
            (
                "no-secret-in-output",
                {"tool": "write_file", "arguments": {"content": "AKIA" + "A1B2C3D4E5F6G7H8"}},
                True,
            ),
        ],
    )
    async def test_they_do_what_they_say(
        self, orchestrator: Orchestrator, name: str, call: dict[str, Any], *, matches: bool
    ) -> None:
        rule = await rule_named(orchestrator, name)
        answer = await orchestrator.admin.post(f"{RULES}/{rule['id']}/test", json=call)
        assert answer.status_code == 200, answer.text
        assert answer.json()["matches"] is matches
        assert answer.json()["action"] == ("block" if matches else None)


class TestWriting:
    async def test_defaults(self, orchestrator: Orchestrator) -> None:
        rule = await make(orchestrator)
        assert rule["name"].startswith("rule-")
        assert (rule["enforcement"], rule["action"], rule["scope"]) == ("hard", "block", "global")
        assert (rule["severity"], rule["enabled"], rule["is_system"]) == ("medium", True, False)
        assert rule == (await orchestrator.admin.get(f"{RULES}/{rule['id']}")).json()

    async def test_a_change_makes_a_new_policy(self, orchestrator: Orchestrator) -> None:
        rule = await make(orchestrator, name="ünïcode 😀", target_tools=["pay_*"])
        assert "ünïcode 😀" in [one["name"] for one in (await policy(orchestrator))["rules"]]
        path = f"{RULES}/{rule['id']}"
        answer = await orchestrator.admin.patch(path, json={"action": "warn", "pattern": None})
        assert answer.status_code == 200, answer.text
        assert (answer.json()["action"], answer.json()["pattern"]) == ("warn", None)
        assert (await orchestrator.admin.delete(path)).status_code == 204
        assert (await orchestrator.admin.get(path)).status_code == 404
        assert len((await policy(orchestrator))["rules"]) == 3
        assert [entry["action"] for entry in await orchestrator.audit("rule.deleted")]

    async def test_changes_at_once_lose_nothing(self, orchestrator: Orchestrator) -> None:
        await asyncio.gather(*(make(orchestrator, name=f"n{number}") for number in range(8)))
        names = {one["name"] for one in (await policy(orchestrator))["rules"]}
        assert names >= {f"n{number}" for number in range(8)}

    async def test_a_name_is_given_once(self, orchestrator: Orchestrator) -> None:
        await make(orchestrator, name="mine")
        answer = await orchestrator.admin.post(
            RULES, json={"name": "mine", "rule_text": "x", "pattern": "y"}
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")

    @pytest.mark.parametrize(
        "fields",
        [
            {"pattern": "("},
            {"pattern": "a{1000000000}"},
            {"pattern": "(?R)"},
            {"pattern": "x" * 1001},
            {"pattern": None},
            {"pattern": "a\0"},
            {"rule_text": " "},
            {"name": " "},
            {"action": "explode"},
            {"enforcement": "none"},
            {"severity": "fatal"},
            {"scope": "world"},
            {"target_tools": [""]},
            {"pod_ids": ["x"]},
        ],
    )
    async def test_what_makes_no_sense_is_refused(
        self, orchestrator: Orchestrator, fields: dict[str, Any]
    ) -> None:
        body = {"rule_text": "Pay nobody.", "pattern": "pay", **fields}
        assert (await orchestrator.admin.post(RULES, json=body)).status_code == 422

    async def test_a_soft_rule_needs_no_pattern(self, orchestrator: Orchestrator) -> None:
        rule = await make(orchestrator, enforcement="soft", pattern=None)
        path = f"{RULES}/{rule['id']}"
        answer = await orchestrator.admin.patch(path, json={"enforcement": "both"})
        assert answer.json()["code"] == "pattern_missing"
        answer = await orchestrator.admin.post(f"{path}/test", json={"text": "pay"})
        assert (answer.json()["matches"], answer.json()["action"]) == (False, None)

    async def test_whom_it_is_for(self, orchestrator: Orchestrator) -> None:
        pod = (await orchestrator.admin.get("/api/v1/pods")).json()[0]
        agents = (await orchestrator.admin.get(f"/api/v1/pods/{pod['id']}/agents")).json()
        chat_agent = (await orchestrator.database_agents())[0]
        ids = sorted([agents[0]["id"], chat_agent])
        rule = await make(orchestrator, scope="pod", pod_ids=[pod["id"]] * 2, agent_ids=ids)
        assert rule["pod_ids"] == [pod["id"]]
        assert rule["agent_ids"] == ids
        unknown = str(uuid.uuid4())
        for field in ("pod_ids", "agent_ids"):
            answer = await orchestrator.admin.patch(
                f"{RULES}/{rule['id']}", json={field: [unknown]}
            )
            assert answer.status_code == 404, answer.text
        answer = await orchestrator.admin.patch(f"{RULES}/{rule['id']}", json={"agent_ids": []})
        assert (answer.json()["pod_ids"], answer.json()["agent_ids"]) == ([pod["id"]], [])

    async def test_only_the_administrator_may(self, orchestrator: Orchestrator) -> None:
        key = await orchestrator.make_key()
        rule = await rule_named(orchestrator, "no-rm-rf")
        async with orchestrator.client(headers={"X-API-Key": key["raw_key"]}) as client:
            assert (await client.get(RULES)).status_code == 403
            assert (await client.post(RULES, json={})).status_code in {403, 422}
            assert (await client.delete(f"{RULES}/{rule['id']}")).status_code == 403
        assert (await orchestrator.anonymous.get(RULES)).status_code == 401


class TestTrying:
    async def test_a_pattern_that_never_ends_answers_in_time(
        self, orchestrator: Orchestrator
    ) -> None:
        rule = await make(orchestrator, pattern="^(a|aa)+$", action="require_approval")
        answer = await orchestrator.admin.post(
            f"{RULES}/{rule['id']}/test", json={"text": "a" * 60 + "b"}
        )
        assert answer.json()["matches"]
        assert answer.json()["action"] == "require_approval"
        assert "no answer" in answer.json()["matched_text"]

    async def test_disabled_and_soft_ones_tell_so(self, orchestrator: Orchestrator) -> None:
        rule = await make(orchestrator, enabled=False)
        call = {"tool": "t", "arguments": {"x": "pay", "n": 10**400}}
        path = f"{RULES}/{rule['id']}"
        answer = await orchestrator.admin.post(f"{path}/test", json=call)
        assert answer.json()["matches"]
        assert "disabled" in answer.json()["detail"]
        await orchestrator.admin.patch(path, json={"enforcement": "soft"})
        answer = await orchestrator.admin.post(f"{path}/test", json=call)
        assert (answer.json()["matches"], answer.json()["action"]) == (True, None)

    async def test_nothing_to_try_is_refused(self, orchestrator: Orchestrator) -> None:
        rule = await make(orchestrator)
        answer = await orchestrator.admin.post(f"{RULES}/{rule['id']}/test", json={})
        assert (answer.status_code, answer.json()["code"]) == (422, "nothing_to_test")
        answer = await orchestrator.admin.post(f"{RULES}/{uuid.uuid4()}/test", json={"text": "x"})
        assert answer.status_code == 404
