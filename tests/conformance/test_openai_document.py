"""Each answer on the /v1 routes fits OpenAI's published OpenAPI document."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures.gateway import ADMIN, StartGateway
from tests.fixtures.openai_document import assert_valid
from tests.fixtures.providers import openai as openai_wire
from tests.fixtures.providers.server import ProviderServer

_HELLO: list[dict[str, Any]] = [{"role": "user", "content": "Hello!"}]
_READ = {
    "type": "function",
    "function": {
        "name": "read_file",
        "description": "Read a file",
        "parameters": {
            "type": "object",
            "properties": {"path": {"type": "string"}},
            "required": ["path"],
        },
    },
}
_SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
_REQUESTS: dict[str, dict[str, Any]] = {
    "text": {"messages": _HELLO},
    "tools": {"messages": [{"role": "user", "content": "Read notes.txt"}], "tools": [_READ]},
    "schema": {
        "messages": _HELLO,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": _SCHEMA},
        },
    },
}


@pytest.fixture(params=["offline", "openai"])
def model_and_client(
    request: pytest.FixtureRequest, start_gateway: StartGateway
) -> Iterator[tuple[str, httpx.Client]]:
    """A chat model, and a client of a gateway that has its provider."""
    if request.param == "offline":
        yield "offline/nova", _client(start_gateway().url)
    else:
        with ProviderServer(openai_wire.handle) as server:
            gateway = start_gateway(OPENAI_API_BASE=server.url, OPENAI_API_KEY=openai_wire.KEY)
            yield "gpt-4o-mini", _client(gateway.url)


def _client(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers={"X-Admin-Secret": ADMIN}, timeout=60)


class TestChatCompletions:
    @pytest.mark.parametrize("request_name", _REQUESTS)
    def test_in_one_piece_and_streamed(
        self, model_and_client: tuple[str, httpx.Client], request_name: str
    ) -> None:
        model, client = model_and_client
        body = {"model": model, "max_tokens": 200, **_REQUESTS[request_name]}
        with client:
            answer = client.post("/v1/chat/completions", json=body)
            assert answer.status_code == 200, answer.text
            assert_valid("CreateChatCompletionResponse", answer.json())
            options = {"stream": True, "stream_options": {"include_usage": True}}
            streamed = client.post("/v1/chat/completions", json=body | options)
        events = _events(streamed.text)
        assert events
        for event in events:
            assert_valid("CreateChatCompletionStreamResponse", event)

    def test_errors(self, model_and_client: tuple[str, httpx.Client]) -> None:
        model, client = model_and_client
        bodies: list[tuple[Any, int]] = [
            ({"model": "groq/none", "messages": _HELLO}, 404),
            ({"model": model, "messages": []}, 422),
            ({"messages": _HELLO, "model": 5}, 400),
        ]
        with client:
            for body, status in bodies:
                answer = client.post("/v1/chat/completions", json=body)
                assert answer.status_code == status, answer.text
                assert_valid("ErrorResponse", answer.json())
            wrong = {"X-Admin-Secret": "wrong"}
            answer = client.post("/v1/chat/completions", json={}, headers=wrong)
            assert answer.status_code == 401
            assert_valid("ErrorResponse", answer.json())


class TestModels:
    def test_list_and_one(self, model_and_client: tuple[str, httpx.Client]) -> None:
        model, client = model_and_client
        with client:
            assert_valid("ListModelsResponse", client.get("/v1/models").json())
            assert_valid("Model", client.get(f"/v1/models/{model}").json())
            missing = client.get("/v1/models/no-such-model")
        assert missing.status_code == 404
        assert_valid("ErrorResponse", missing.json())


class TestEmbeddings:
    @pytest.mark.parametrize("form", ["float", "base64"])
    def test_answer(self, start_gateway: StartGateway, form: str) -> None:
        with ProviderServer(openai_wire.handle) as server:
            gateway = start_gateway(OPENAI_API_BASE=server.url, OPENAI_API_KEY=openai_wire.KEY)
            with _client(gateway.url) as client:
                for model in ("text-embedding-3-small", "auto"):
                    body = {"model": model, "input": ["a cat", "a dog"], "encoding_format": form}
                    answer = client.post("/v1/embeddings", json=body)
                    assert answer.status_code == 200, answer.text
                    # The document knows lists of numbers only, though base64 is what clients ask for.
                    if form == "float":
                        assert_valid("CreateEmbeddingResponse", answer.json())
                    else:
                        assert all(
                            isinstance(row["embedding"], str) for row in answer.json()["data"]
                        )


def _events(text: str) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in text.split("\n") if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]
