"""What any llm-gateway must do to be a drop-in replacement. Only HTTP is used:

NOVA_CONFORMANCE_GATEWAY_URL=http://127.0.0.1:8001 NOVA_CONFORMANCE_KEY=… \
    pytest tests/conformance/test_llm_gateway.py

Without them the real one is started, with a test server as its provider. Calls are made to `auto`,
so that the suite passes whatever model is behind it.
"""

import os
from collections.abc import Iterator

import httpx
import openai
import pytest
from pydantic import TypeAdapter

from contracts.errors import ErrorBody, OpenAIErrorBody
from contracts.health import Liveness, Readiness
from contracts.llm import (
    CompleteResponse,
    DiscoveredProvider,
    EmbedResponse,
    ModelInfo,
    ProviderHealth,
    ResolvedModel,
    StreamChunk,
)
from tests.fixtures.gateway import ADMIN, StartGateway
from tests.fixtures.providers import openai as openai_wire
from tests.fixtures.providers.server import ProviderServer

_OUTSIDE_URL = "NOVA_CONFORMANCE_GATEWAY_URL"
_OUTSIDE_KEY = "NOVA_CONFORMANCE_KEY"
HELLO = [{"role": "user", "content": "Hello!"}]
JSON = {"Content-Type": "application/json"}
BACKENDS = ["outside"] if _OUTSIDE_URL in os.environ else ["offline", "openai-compatible"]


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "outside":
        yield os.environ[_OUTSIDE_URL]
        return
    start: StartGateway = request.getfixturevalue("start_gateway")
    if request.param == "offline":
        yield start().url
        return
    with ProviderServer(openai_wire.handle) as server:
        yield start(OPENAI_API_BASE=server.url, OPENAI_API_KEY=openai_wire.KEY).url


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {os.environ.get(_OUTSIDE_KEY, ADMIN)}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as found:
        yield found


@pytest.fixture
def sdk(url: str) -> Iterator[openai.OpenAI]:
    """The official client."""
    key = os.environ.get(_OUTSIDE_KEY, ADMIN)
    with openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as found:
        yield found


def test_health(client: httpx.Client) -> None:
    Liveness.model_validate_json(client.get("/health/live").content)
    assert Readiness.model_validate_json(client.get("/health/ready").content).status != "starting"


def test_complete(client: httpx.Client) -> None:
    answer = CompleteResponse.model_validate_json(
        client.post("/complete", json={"messages": HELLO}).content
    )
    assert answer.content
    assert answer.finish_reason
    assert answer.input_tokens > 0


def test_stream(client: httpx.Client) -> None:
    response = client.post("/stream", json={"model": "auto", "messages": HELLO})
    assert response.headers["content-type"].startswith("text/event-stream")
    lines = [line for line in response.text.split("\n") if line.startswith("data: ")]
    *events, done = [line.removeprefix("data: ") for line in lines]
    assert done == "[DONE]"
    parsed = [StreamChunk.model_validate_json(event) for event in events]
    assert "".join(chunk.delta for chunk in parsed)
    assert parsed[-1].finish_reason
    assert parsed[-1].output_tokens


def test_embed(client: httpx.Client) -> None:
    one = client.post("/embed", json={"text": "a cat"})
    many = client.post("/embed", json={"texts": ["a cat", "a dog"]})
    first = EmbedResponse.model_validate_json(one.content)
    both = EmbedResponse.model_validate_json(many.content)
    assert first.model == both.model
    assert len(both.embeddings) == 2
    assert first.embeddings[0] == pytest.approx(both.embeddings[0])


def test_models(client: httpx.Client) -> None:
    models = TypeAdapter(list[ModelInfo]).validate_json(client.get("/models").content)
    resolved = ResolvedModel.model_validate_json(client.get("/v1/models/resolve").content)
    assert resolved.model in {model.id for model in models}
    found = client.get("/v1/models/discover").content
    assert TypeAdapter(list[DiscoveredProvider]).validate_json(found)
    states = client.get("/health/providers").content
    assert TypeAdapter(list[ProviderHealth]).validate_json(states)


def test_errors(client: httpx.Client, url: str) -> None:
    for path in ("/complete", "/stream", "/embed"):
        answer = client.post(path, json={"messages": [], "texts": []})
        assert answer.status_code == 422
        assert ErrorBody.model_validate_json(answer.content).code
        assert client.post(path, content=b"{", headers=JSON).status_code == 400
    for path in ("/v1/chat/completions", "/v1/embeddings"):
        answer = client.post(path, content=b"{", headers=JSON)
        assert answer.status_code == 400
        assert OpenAIErrorBody.model_validate_json(answer.content).error.message
    wrong = httpx.post(f"{url}/complete", headers={"X-API-Key": "sk-nova-wrong"}, json={})
    assert wrong.status_code == 401


class TestOfficialClient:
    def test_chat(self, sdk: openai.OpenAI) -> None:
        answer = sdk.chat.completions.create(model="auto", messages=HELLO)  # type: ignore[arg-type]
        assert answer.choices[0].message.content
        assert answer.usage
        assert answer.usage.total_tokens > 0

    def test_stream_with_usage(self, sdk: openai.OpenAI) -> None:
        chunks = list(
            sdk.chat.completions.create(
                model="auto",
                messages=HELLO,  # type: ignore[arg-type]
                stream=True,
                stream_options={"include_usage": True},
            )
        )
        assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        assert chunks[-1].usage

    def test_stream_without_usage(self, sdk: openai.OpenAI) -> None:
        chunks = list(sdk.chat.completions.create(model="auto", messages=HELLO, stream=True))  # type: ignore[arg-type]
        assert all(chunk.choices for chunk in chunks)

    def test_json_schema(self, sdk: openai.OpenAI) -> None:
        schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
        answer = sdk.chat.completions.create(
            model="auto",
            messages=HELLO,  # type: ignore[arg-type]
            response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema}},
        )
        assert TypeAdapter(dict[str, str]).validate_json(answer.choices[0].message.content or "")[
            "a"
        ]

    def test_models(self, sdk: openai.OpenAI) -> None:
        listed = [model.id for model in sdk.models.list()]
        assert "auto" in listed
        assert sdk.models.retrieve(listed[-1]).id == listed[-1]
        with pytest.raises(openai.NotFoundError):
            sdk.models.retrieve("no-such-model")

    def test_embeddings(self, sdk: openai.OpenAI) -> None:
        answer = sdk.embeddings.create(model="auto", input=["a cat", "a dog"])
        assert len(answer.data) == 2
        assert answer.data[0].embedding

    def test_errors(self, url: str) -> None:
        with (
            openai.OpenAI(base_url=f"{url}/v1", api_key="sk-nova-wrong", max_retries=0) as wrong,
            pytest.raises(openai.AuthenticationError),
        ):
            wrong.models.list()

    def test_tools(self, sdk: openai.OpenAI) -> None:
        request = [{"role": "user", "content": "Read notes.txt"}]
        parameters = {"type": "object", "properties": {"path": {"type": "string"}}}
        function = {
            "name": "read_file",
            "description": "Read a file",
            "parameters": {**parameters, "required": ["path"]},
        }
        answer = sdk.chat.completions.create(
            model="auto",
            messages=request,  # type: ignore[arg-type]
            tools=[{"type": "function", "function": function}],  # type: ignore[list-item]
        )
        (call,) = answer.choices[0].message.tool_calls or []
        assert call.type == "function"
        assert call.function.name == "read_file"
        assert "path" in call.function.arguments
