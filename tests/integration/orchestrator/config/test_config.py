"""Configuration and identity over HTTP."""

import pytest

from services.kit.config import ConfigCache
from services.kit.supervision import Supervisor
from tests.fixtures.orchestrator import Orchestrator, eventually, execute

CONFIG = "/api/v1/config"


async def entry(nova: Orchestrator, key: str) -> dict:
    return next(one for one in (await nova.admin.get(CONFIG)).json() if one["key"] == key)


class TestList:
    async def test_the_shipped_keys(self, orchestrator: Orchestrator) -> None:
        answer = await orchestrator.admin.get(CONFIG)
        values = {one["key"]: one["value"] for one in answer.json()}
        assert values["nova.name"] == "Nova"
        assert values["llm.routing_strategy"] == "local-first"
        assert values["llm.ollama_url"] is None
        assert values["context.memory_pct"] == 0.40
        assert answer.headers["X-Total-Count"] == str(len(values))

    async def test_secrets_are_masked(self, orchestrator: Orchestrator, database_url: str) -> None:
        await execute(
            database_url,
            "INSERT INTO platform_config (key, value, value_schema, description, is_secret)"
            """ VALUES ('x.token', '"hunter2"', '{"type": "string"}', '', true)""",
        )
        assert "hunter2" not in (await orchestrator.admin.get(CONFIG)).text
        answer = await orchestrator.admin.patch(f"{CONFIG}/x.token", json={"value": '"hunter3"'})
        assert answer.status_code == 200
        assert "hunter3" not in answer.text
        assert (await orchestrator.audit("config.changed"))[0]["detail"] == {}

    async def test_it_needs_the_administrator(self, orchestrator: Orchestrator) -> None:
        key = await orchestrator.make_key()
        headers = {"X-API-Key": key["key"]}
        assert (await orchestrator.anonymous.get(CONFIG, headers=headers)).status_code == 403


class TestChange:
    async def test_the_value_is_json_text(self, orchestrator: Orchestrator) -> None:
        answer = await orchestrator.admin.patch(
            f"{CONFIG}/context.system_pct", json={"value": "0.25", "description": "a quarter"}
        )
        assert answer.status_code == 200
        found = await entry(orchestrator, "context.system_pct")
        assert (found["value"], found["description"]) == (0.25, "a quarter")
        (audit,) = await orchestrator.audit("config.changed")
        assert audit["detail"] == {"from": 0.1, "to": 0.25}

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("nova.name", "Ada"),
            ("nova.name", "5"),
            ("nova.name", '""'),
            ("nova.name", '"\\u0000"'),
            ("nova.name", '"\\ud800"'),
            ("nova.name", ""),
            ("llm.routing_strategy", '"sideways"'),
            ("llm.intelligent_routing", '"true"'),
            ("llm.classifier_timeout_ms", "0"),
            ("context.system_pct", "NaN"),
            ("context.system_pct", "1.5"),
            ("context.system_pct", "1e999"),
            ("llm.model_routing_map", "[" * 5000),
            ("llm.model_routing_map", '{"a":' * 500 + "1" + "}" * 500),
            ("llm.model_routing_map", '{"poetry": ["a"]}'),
            ("llm.model_routing_map", '{"code": "a"}'),
            ("llm.fallbacks", '{"a": "b"}'),
            ("llm.fallbacks", '{"a": [""]}'),
            ("llm.fallbacks", '["a"]'),
            ("limits.provider_daily_requests", '{"groq": -1}'),
            ("limits.provider_daily_requests", '{"groq": 1.5}'),
            ("nova.persona", '"' + "x" * 70_000 + '"'),
        ],
    )
    async def test_wrong_values_are_refused(
        self, orchestrator: Orchestrator, key: str, value: str
    ) -> None:
        before = await entry(orchestrator, key)
        answer = await orchestrator.admin.patch(f"{CONFIG}/{key}", json={"value": value})
        assert answer.status_code == 422, answer.text
        assert await entry(orchestrator, key) == before

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("llm.fallbacks", '{"gpt-4o": ["claude-sonnet-4-5", "auto"], "openai": ["groq/x"]}'),
            ("llm.fallbacks", "{}"),
            ("llm.model_routing_map", '{"code": ["ollama/a", "gpt-4o"]}'),
            ("limits.provider_daily_requests", '{"groq": null, "gemini": 0}'),
        ],
    )
    async def test_right_values(self, orchestrator: Orchestrator, key: str, value: str) -> None:
        answer = await orchestrator.admin.patch(f"{CONFIG}/{key}", json={"value": value})
        assert answer.status_code == 200, answer.text

    async def test_a_value_that_is_not_text_is_refused(self, orchestrator: Orchestrator) -> None:
        answer = await orchestrator.admin.patch(f"{CONFIG}/nova.name", json={"value": 5})
        assert answer.status_code == 422

    @pytest.mark.parametrize("key", ["nova.nothing", "ü", "a%2Fb", "x" * 3000])
    async def test_an_unknown_key(self, orchestrator: Orchestrator, key: str) -> None:
        answer = await orchestrator.admin.patch(f"{CONFIG}/{key}", json={"value": "1"})
        assert answer.status_code == 404

    async def test_it_takes_effect_in_other_processes(self, orchestrator: Orchestrator) -> None:
        other = ConfigCache(orchestrator.database)
        async with Supervisor() as supervisor:
            supervisor.keep_running(other.follow, name="another process's configuration")
            await orchestrator.admin.patch(f"{CONFIG}/nova.name", json={"value": '"Ada"'})

            async def seen() -> bool:
                return other.get("nova.name") == "Ada"

            await eventually(seen)


class TestIdentity:
    async def test_it_is_public_and_the_name_is_filled_in(self, orchestrator: Orchestrator) -> None:
        for key, value in (("nova.name", '"Ada"'), ("nova.greeting", '"I am {name} {0} {"')):
            answer = await orchestrator.admin.patch(f"{CONFIG}/{key}", json={"value": value})
            assert answer.status_code == 200
        answer = await orchestrator.anonymous.get("/api/v1/identity")
        assert answer.json() == {"name": "Ada", "greeting": "I am Ada {0} {"}
