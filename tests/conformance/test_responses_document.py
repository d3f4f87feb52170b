"""Each answer and event of /v1/responses fits OpenAI's published OpenAPI document."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures import coding_agents
from tests.fixtures.gateway import ADMIN, StartGateway
from tests.fixtures.openai_document import assert_valid
from tests.fixtures.providers import openai, scripted
from tests.fixtures.providers.server import ProviderServer

URL = "/v1/responses"
_CALLS = [
    scripted.call("shell", {"command": ["ls"]}),
    scripted.call("apply_patch", {"input": "*** Begin Patch"}, number=2),
    scripted.call("mcp__docs__search", {"query": "x"}, number=3),
]
_ANSWERS: dict[str, tuple[dict[str, Any], str]] = {
    "text": ({"content": "Yes, here it is."}, "stop"),
    "thoughts and calls": (
        {"reasoning_content": "Hm, hm.", "content": "I will.", "tool_calls": _CALLS},
        "tool_calls",
    ),
    "cut off": ({"content": "Yes, he"}, "length"),
    "nothing": ({"content": ""}, "stop"),
    "held back": ({"content": "Ye"}, "content_filter"),
}
_IMAGE = {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}
_REQUESTS: dict[str, dict[str, Any]] = {
    "a text": {"input": "hi"},
    "all fields": {
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "look"}, _IMAGE]},
            {"role": "assistant", "content": "I see."},
            {"role": "user", "content": "and now?"},
        ],
        "instructions": "Be brief.",
        "max_output_tokens": 100,
        "temperature": 0.5,
        "top_p": 0.9,
        "metadata": {"a": "b"},
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}},
        "prompt_cache_key": "key",
        "safety_identifier": "me",
        "user": "me",
        "truncation": "auto",
        "parallel_tool_calls": False,
    },
    "codex": coding_agents.codex("m", store=True, stream=False),
}


@pytest.fixture(params=_ANSWERS)
def client(request: pytest.FixtureRequest, start_gateway: StartGateway) -> Iterator[httpx.Client]:
    """A client of a gateway whose model gives that answer."""
    message, finish = _ANSWERS[request.param]
    with ProviderServer(scripted.answering(message, finish=finish)) as server:
        gateway = start_gateway(OPENAI_API_BASE=server.url, OPENAI_API_KEY=openai.KEY)
        headers = {"X-Admin-Secret": ADMIN}
        with httpx.Client(base_url=gateway.url, headers=headers, timeout=30) as found:
            yield found


def test_answers_events_and_what_is_stored(client: httpx.Client) -> None:
    for body in _REQUESTS.values():
        made = client.post(URL, json={"model": "m", **body})
        assert made.status_code == 200, made.text
        assert_valid("Response", made.json())
        assert_valid("Response", client.get(f"{URL}/{made.json()['id']}").json())
        items = client.get(f"{URL}/{made.json()['id']}/input_items")
        assert_valid("ResponseItemList", items.json())
        streamed = client.post(URL, json={"model": "m", **body, "stream": True})
        events = _events(streamed.text)
        assert events[-1]["response"]["status"] == made.json()["status"]
        for event in events:
            assert_valid("ResponseStreamEvent", event)


def test_a_stream_that_fails(start_gateway: StartGateway) -> None:
    with ProviderServer(openai.handle) as server:
        gateway = start_gateway(OPENAI_API_BASE=server.url, OPENAI_API_KEY=openai.KEY)
        with httpx.Client(base_url=gateway.url, headers={"X-Admin-Secret": ADMIN}) as client:
            body = {"model": "cut", "input": "hello there", "stream": True}
            events = _events(client.post(URL, json=body).text)
            refused = client.post(URL, json={"model": "m", "input": "x", "background": True})
            missing = client.get(f"{URL}/resp_1")
    assert events[-1]["type"] == "response.failed"
    for event in events:
        assert_valid("ResponseStreamEvent", event)
    assert (refused.status_code, missing.status_code) == (400, 404)
    assert_valid("ErrorResponse", refused.json())
    assert_valid("ErrorResponse", missing.json())


def _events(text: str) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in text.split("\n") if line.startswith("data: ")]
    assert lines
    return [json.loads(line) for line in lines]
