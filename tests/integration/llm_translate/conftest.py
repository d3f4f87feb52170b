"""The real llm-translate before servers with the providers' wire formats."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from contracts.translate import BASE_HEADER, CHAT_PATH, KEY_HEADER, PROVIDER_HEADER
from services.kit.auth import SERVICE_HEADER, service_token
from tests.fixtures.gateway import SERVICE
from tests.fixtures.providers import anthropic, gemini, ollama
from tests.fixtures.providers.server import ProviderServer

HELLO = [{"role": "user", "content": "hello there"}]


def tool(name: str, *required: str) -> dict[str, Any]:
    properties = {field: {"type": "string"} for field in required}
    schema = {"type": "object", "properties": properties, "required": list(required)}
    function = {"name": name, "description": f"The {name}", "parameters": schema}
    return {"type": "function", "function": function}


WEATHER, CLOCK = tool("get_weather", "city", "unit"), tool("get_time")
PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
STRUCTURED = {
    "type": "json_schema",
    "json_schema": {"name": "person", "strict": True, "schema": PERSON},
}
PIXEL = "iVBORw0KGgo="


@dataclass(frozen=True)
class Streamed:
    """What a client puts together of a stream."""

    chunks: list[dict[str, Any]]
    error: dict[str, Any] | None
    done: bool

    @property
    def deltas(self) -> list[dict[str, Any]]:
        return [choice["delta"] for chunk in self.chunks for choice in chunk["choices"]]

    @property
    def text(self) -> str:
        return "".join(delta.get("content") or "" for delta in self.deltas)

    @property
    def finishes(self) -> list[str]:
        reasons = [c["finish_reason"] for chunk in self.chunks for c in chunk["choices"]]
        return [reason for reason in reasons if reason]

    @property
    def usage(self) -> dict[str, Any] | None:
        return self.chunks[-1].get("usage") if self.chunks else None

    @property
    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        """Names and arguments, put together by index as OpenAI's clients do."""
        found: dict[int, dict[str, str]] = {}
        for delta in self.deltas:
            for piece in delta.get("tool_calls") or []:
                call = found.setdefault(piece["index"], {"id": "", "name": "", "arguments": ""})
                call["id"] += piece.get("id") or ""
                call["name"] += piece["function"].get("name") or ""
                call["arguments"] += piece["function"].get("arguments") or ""
        assert len({call["id"] for call in found.values()} - {""}) == len(found)
        return [(call["name"], json.loads(call["arguments"])) for call in found.values()]


class Translate:
    """A client of llm-translate for one provider."""

    def __init__(self, client: httpx.Client, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers

    def post(self, model: str, **body: Any) -> httpx.Response:
        given = {"model": model, "messages": HELLO, **body}
        return self.client.post(CHAT_PATH, json=given, headers=self.headers)

    def chat(self, model: str, **body: Any) -> dict[str, Any]:
        response = self.post(model, **body)
        assert response.status_code == 200, response.text
        return response.json()

    def say(self, model: str, **body: Any) -> dict[str, Any]:
        """The one choice's message."""
        (choice,) = self.chat(model, **body)["choices"]
        return choice["message"]

    def stream(self, model: str, **body: Any) -> Streamed:
        options = {"stream": True, "stream_options": {"include_usage": True}}
        response = self.post(model, **options, **body)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("text/event-stream")
        events = [e.removeprefix("data: ") for e in response.text.split("\n\n") if e]
        done = events[-1] == "[DONE]"
        found = [json.loads(event) for event in (events[:-1] if done else events)]
        chunks = [event for event in found if "choices" in event]
        return Streamed(chunks, next((e["error"] for e in found if "error" in e), None), done)


@pytest.fixture(scope="session")
def translate_client(translate_url: str) -> Iterator[httpx.Client]:
    token = {SERVICE_HEADER: service_token(SERVICE, "llm-gateway")}
    with httpx.Client(base_url=translate_url, headers=token, timeout=60) as found:
        yield found


def headers_of(provider: str, base: str, key: str | None) -> dict[str, str]:
    own = {} if key is None else {KEY_HEADER: key}
    return {PROVIDER_HEADER: provider, BASE_HEADER: base, **own}


@pytest.fixture
def anthropic_server() -> Iterator[ProviderServer]:
    with ProviderServer(anthropic.handle) as server:
        yield server


@pytest.fixture
def gemini_server() -> Iterator[ProviderServer]:
    with ProviderServer(gemini.handle) as server:
        yield server


@pytest.fixture
def ollama_server() -> Iterator[ProviderServer]:
    with ProviderServer(ollama.handle) as server:
        yield server
