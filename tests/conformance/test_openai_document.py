"""Each answer on the /v1 routes fits OpenAI's published OpenAPI document."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests.fixtures.gateway import ADMIN, running_gateway
from tests.fixtures.openai_document import assert_valid
from tests.fixtures.postgres import PostgresServer
from tests.fixtures.providers import anthropic, gemini, ollama, openai
from tests.fixtures.providers.server import ProviderServer

# A chat model of each wire format, with how its provider's models with a behaviour are called.
_MODELS = {
    "offline/nova": None,
    "gpt-4o-mini": "",
    "claude-sonnet-4-5": "claude-",
    "ollama/llama3.2": "ollama/",
    "gemini/gemini-2.5-flash": "gemini/gemini-",
}
_FAILING = [prefix for prefix in _MODELS.values() if prefix is not None]
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
    "short": {"messages": _HELLO, "max_tokens": 1},
    "tools": {"messages": [{"role": "user", "content": "Read notes.txt"}], "tools": [_READ]},
    "thought": {"messages": _HELLO, "reasoning_effort": "low", "max_tokens": 4000},
    "schema": {
        "messages": _HELLO,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": _SCHEMA},
        },
    },
}
_URL = "/v1/chat/completions"


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: PostgresServer,
    template_database: str,
    translate_url: str,
) -> Iterator[httpx.Client]:
    """Of one gateway that has a provider of each wire format."""
    name = "openai_document"
    postgres_server.execute(f"CREATE DATABASE {name} TEMPLATE {template_database}")
    with ExitStack() as stack:
        wires = (openai, anthropic, ollama, gemini)
        urls = [stack.enter_context(ProviderServer(wire.handle)).url for wire in wires]
        gateway = running_gateway(
            tmp_path_factory.mktemp(name),
            postgres_server.dsn(name),
            NOVA_LLM_TRANSLATE_URL=translate_url,
            OPENAI_API_BASE=urls[0],
            OPENAI_API_KEY=openai.KEY,
            ANTHROPIC_API_BASE=urls[1],
            ANTHROPIC_API_KEY=anthropic.KEY,
            OLLAMA_BASE_URL=urls[2],
            GEMINI_BASE_URL=urls[3],
            GEMINI_API_KEY=gemini.KEY,
        )
        url = stack.enter_context(gateway).url
        admin = {"X-Admin-Secret": ADMIN}
        yield stack.enter_context(httpx.Client(base_url=url, headers=admin, timeout=60))
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


class TestChatCompletions:
    @pytest.mark.parametrize("request_name", _REQUESTS)
    @pytest.mark.parametrize("model", _MODELS)
    def test_in_one_piece_and_streamed(
        self, client: httpx.Client, model: str, request_name: str
    ) -> None:
        body = {"model": model, "max_tokens": 200, **_REQUESTS[request_name]}
        answer = client.post(_URL, json=body)
        assert answer.status_code == 200, answer.text
        assert_valid("CreateChatCompletionResponse", answer.json())
        assert answer.json()["model"] == answer.headers["x-nova-model"] == model
        options = {"stream": True, "stream_options": {"include_usage": True}}
        *events, last = _events(client.post(_URL, json=body | options).text)
        assert last == "[DONE]"
        assert {event["model"] for event in events} == {model}
        assert events[-1]["choices"] == []
        for event in events:
            assert_valid("CreateChatCompletionStreamResponse", event)

    @pytest.mark.parametrize("stream", [False, True])
    @pytest.mark.parametrize("model", _MODELS)
    def test_a_wrong_request(self, client: httpx.Client, model: str, *, stream: bool) -> None:
        bodies: list[tuple[Any, int]] = [
            ({"model": "groq/none", "messages": _HELLO}, 404),
            ({"model": model, "messages": []}, 422),
            ({"messages": _HELLO, "model": 5}, 400),
        ]
        for body, status in bodies:
            answer = client.post(_URL, json={**body, "stream": stream})
            assert answer.status_code == status, answer.text
            assert_valid("ErrorResponse", answer.json())

    @pytest.mark.parametrize("prefix", _FAILING)
    def test_a_provider_that_refuses(self, client: httpx.Client, prefix: str) -> None:
        for status, expected in ((400, 400), (404, 404), (429, 429)):
            body = {"model": f"{prefix}error-{status}", "messages": _HELLO}
            for stream in (False, True):
                answer = client.post(_URL, json={**body, "stream": stream})
                assert answer.status_code == expected, answer.text
                assert_valid("ErrorResponse", answer.json())

    @pytest.mark.parametrize("prefix", _FAILING)
    def test_a_stream_that_breaks_off(self, client: httpx.Client, prefix: str) -> None:
        body = {"model": f"{prefix}late-error", "messages": _HELLO, "stream": True}
        *events, last = _events(client.post(_URL, json=body).text)
        assert events
        for event in events:
            assert_valid("CreateChatCompletionStreamResponse", event)
        assert_valid("ErrorResponse", last)

    def test_a_wrong_credential(self, client: httpx.Client) -> None:
        answer = client.post(_URL, json={}, headers={"X-Admin-Secret": "wrong"})
        assert answer.status_code == 401
        assert_valid("ErrorResponse", answer.json())


class TestModels:
    def test_list_and_each(self, client: httpx.Client) -> None:
        assert_valid("ListModelsResponse", client.get("/v1/models").json())
        for model in ("offline/nova", "gpt-4o-mini", "ollama/llama3.2"):
            assert_valid("Model", client.get(f"/v1/models/{model}").json())
        missing = client.get("/v1/models/no-such-model")
        assert missing.status_code == 404
        assert_valid("ErrorResponse", missing.json())


class TestEmbeddings:
    @pytest.mark.parametrize("form", ["float", "base64"])
    @pytest.mark.parametrize(
        "model",
        [
            *("text-embedding-3-small", "auto", "ollama/nomic-embed-text"),
            "gemini/gemini-embedding-001",
        ],
    )
    def test_answer(self, client: httpx.Client, model: str, form: str) -> None:
        body = {"model": model, "input": ["a cat", "a dog"], "encoding_format": form}
        answer = client.post("/v1/embeddings", json=body)
        assert answer.status_code == 200, answer.text
        # The document knows lists of numbers only, though base64 is what clients ask for.
        if form == "float":
            assert_valid("CreateEmbeddingResponse", answer.json())
        else:
            assert all(isinstance(row["embedding"], str) for row in answer.json()["data"])


def _events(text: str) -> list[Any]:
    """The data of each event, "[DONE]" as it is."""
    lines = [line.removeprefix("data: ") for line in text.split("\n") if line.startswith("data: ")]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]
