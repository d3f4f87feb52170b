"""Every role of the real pipeline gets a result that its stage can use."""

import json
from typing import Any

import pytest

from services.orchestrator.pipeline.stage import load_roles
from tests.fixtures.providers import agent as wire_agent
from tests.unit.llm_gateway.offline.agent import Agent

ROLES = load_roles()
REQUEST = "<request>\nRead notes.txt, write its word count to count.txt\n</request>"


def answer_of(role: str) -> Any:
    agent = Agent(files={"notes.txt": "one two three"})
    text = agent.ask(REQUEST, response_format=ROLES[role].response_format())
    return ROLES[role].result.model_validate_json(text)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_offline_answers_fit(role: str) -> None:
    assert answer_of(role)


def test_offline_answers_let_the_pipeline_go_on() -> None:
    assert answer_of("code_review").verdict == "pass"
    assert answer_of("guardrail").blocked is False
    assert answer_of("context").questions == []
    assert answer_of("context").relevant_files == ["notes.txt", "count.txt"]
    assert answer_of("decision").decision == "escalate"
    assert "notes.txt has 3 words" in answer_of("task").output


@pytest.mark.parametrize("role", sorted(ROLES))
def test_the_test_servers_agent_fits_too(role: str) -> None:
    body = {
        "messages": [{"role": "user", "content": REQUEST}],
        "response_format": ROLES[role].response_format(),
    }
    message = wire_agent.respond(body)
    assert ROLES[role].result.model_validate(json.loads(message["content"]))
