"""An agent's own schema: added to its role's fields, enforced on its replies."""

import json
from typing import Any

import pytest

from services.orchestrator.pipeline.replies import UnusableReply, parse_reply
from services.orchestrator.pipeline.result_schemas import result_schema
from services.orchestrator.pipeline.stage import load_roles
from services.orchestrator.pods.output_schemas import check_output_schema
from tests.fixtures.pipeline_agents import pod_agent

ROLES = load_roles()
SCORE: dict[str, Any] = {
    "title": "Mine",
    "type": "object",
    "properties": {
        "score": {"$ref": "#/$defs/GuardrailFinding"},
        "output": {"type": "integer"},
    },
    "required": ["score"],
    "additionalProperties": False,
    "$defs": {"GuardrailFinding": {"type": "integer", "minimum": 1}},
}


def parsed(role: str, reply: Any, schema: dict[str, Any] = SCORE) -> dict[str, Any]:
    merged = result_schema(ROLES[role], pod_agent(role, output_schema=schema))
    content = reply if isinstance(reply, str) else json.dumps(reply)
    return parse_reply(ROLES[role], content, output_schema=merged).as_output()


class TestResultSchema:
    @pytest.mark.parametrize("role", ROLES)
    def test_without_one_it_is_the_roles(self, role: str) -> None:
        assert result_schema(ROLES[role], pod_agent(role)) == ROLES[role].schema()

    @pytest.mark.parametrize("role", ROLES)
    def test_the_roles_fields_stay_and_all_references_lead_somewhere(self, role: str) -> None:
        merged = result_schema(ROLES[role], pod_agent(role, output_schema=SCORE))
        check_output_schema(merged)
        own = ROLES[role].schema()
        assert set(own["properties"]) | {"score"} <= set(merged["properties"])
        assert set(own.get("required", [])) | {"score"} == set(merged["required"])
        assert merged["title"] == "Mine"
        assert ROLES[role].schema() == own

    def test_a_role_keeps_its_own_definition_of_the_same_name(self) -> None:
        merged = result_schema(ROLES["guardrail"], pod_agent("guardrail", output_schema=SCORE))
        items = merged["properties"]["findings"]["items"]["$ref"]
        assert items == "#/$defs/NovaGuardrailFinding"
        assert merged["$defs"]["GuardrailFinding"]["type"] == "integer"
        assert "severity" in merged["$defs"]["NovaGuardrailFinding"]["properties"]


class TestReplies:
    def test_both_kinds_of_fields_are_kept(self) -> None:
        found = parsed("task", {"output": "done", "score": 3})
        assert found == {"output": "done", "files_changed": [], "score": 3}

    @pytest.mark.parametrize(
        ("reply", "word"),
        [
            ({"output": "done"}, "score"),
            ({"score": 3}, "output"),
            ({"output": "done", "score": 0}, "minimum"),
            ({"output": "done", "score": 3, "more": 1}, "more"),
            ("Just prose.", "score"),
        ],
    )
    def test_what_does_not_follow_is_unusable_and_says_why(self, reply: Any, word: str) -> None:
        with pytest.raises(UnusableReply, match=word):
            parsed("task", reply)

    def test_prose_will_do_where_nothing_else_is_asked_for(self) -> None:
        schema = {"properties": {"note": {"type": "string"}}}
        assert parsed("task", "Just prose.", schema)["output"] == "Just prose."

    def test_without_a_schema_what_nobody_asked_for_is_dropped(self) -> None:
        reply = '{"output": "done", "score": 3, "extras": {"output": "other"}}'
        output = parse_reply(ROLES["task"], reply).as_output()
        assert output == {"output": "done", "files_changed": []}
