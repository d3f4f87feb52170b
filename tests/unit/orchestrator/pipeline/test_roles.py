"""Every role is there, with a prompt, a sound schema and sections that exist."""

from typing import Any

import pytest

from contracts.orchestrator import RUNNING_STATUSES
from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.prompts import stage_messages
from services.orchestrator.pipeline.stage import Role, load_roles
from services.orchestrator.pods.shipped import SHIPPED_PODS
from tests.fixtures.pipeline_agents import pod_agent

ROLES = load_roles()
_JSON_TYPES = {"object", "array", "string", "number", "integer", "boolean", "null"}


def check_schema(schema: dict[str, Any], definitions: dict[str, Any]) -> None:
    """The part of JSON Schema that providers take: known types, references that lead somewhere."""
    if "$ref" in schema:
        check_schema(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
        return
    assert schema["type"] in _JSON_TYPES
    for name in schema.get("required", []):
        assert name in schema["properties"]
    for part in schema.get("properties", {}).values():
        check_schema(part, definitions)
    if "items" in schema:
        check_schema(schema["items"], definitions)


class TestRoles:
    def test_all_that_the_shipped_pods_name(self) -> None:
        assert {agent.role for pod in SHIPPED_PODS for agent in pod.agents} == set(ROLES)

    @pytest.mark.parametrize("role", ROLES.values(), ids=ROLES.keys())
    def test_prompt_and_status(self, role: Role[Any]) -> None:
        assert role.prompt
        assert role.status in RUNNING_STATUSES

    @pytest.mark.parametrize("role", ROLES.values(), ids=ROLES.keys())
    def test_the_schema_is_sound(self, role: Role[Any]) -> None:
        schema = role.response_format()["json_schema"]["schema"]
        assert schema["type"] == "object"
        check_schema(schema, schema.get("$defs", {}))

    @pytest.mark.parametrize("role", ROLES.values(), ids=ROLES.keys())
    def test_the_prose_field_is_one_and_makes_a_result_alone(self, role: Role[Any]) -> None:
        if role.prose_field is not None:
            result = role.result.model_validate({role.prose_field: "words"})
            assert getattr(result, role.prose_field) == "words"

    @pytest.mark.parametrize("role", ROLES.values(), ids=ROLES.keys())
    def test_its_sections_can_be_written(self, role: Role[Any]) -> None:
        progress = Progress(request="Do it", tags=frozenset())
        system, user = stage_messages(role, pod_agent(role.name), progress)
        assert role.prompt in system.text()
        assert "<request>\nDo it\n</request>" in user.text()
