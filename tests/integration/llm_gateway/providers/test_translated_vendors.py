"""Anthropic, Claude's subscription, Gemini and Ollama, through llm-translate."""

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.providers.base import Provider
from tests.fixtures.ports import free_port
from tests.fixtures.providers import anthropic, gemini, ollama
from tests.fixtures.providers.server import ProviderServer, Reply, Request, Stream
from tests.integration.llm_gateway.conftest import WEATHER_TOOL
from tests.integration.llm_gateway.providers.conftest import (
    MakeProviders,
    arguments_of,
    body_of,
    completed,
    streamed,
    text_of,
    usage_of,
)
from tests.integration.llm_gateway.providers.test_openai_vendors import PICTURE, SCHEMA

OAUTH = "sk-ant-oat01-of-the-tests"
Handler = Callable[[Request], Awaitable[Reply | Stream]]


async def subscription(request: Request) -> Reply | Stream:
    """Anthropic's server, for who has logged in: by bearer token, and the beta that it wants."""
    if request.headers.get("authorization") != f"Bearer {OAUTH}" or "x-api-key" in request.headers:
        return anthropic.error(401)
    if "oauth-2025-04-20" not in request.headers.get("anthropic-beta", ""):
        return anthropic.error(403)
    headers = {**request.headers, "x-api-key": anthropic.KEY}
    return await anthropic.handle(
        Request(request.method, request.path, headers, request.body, request.query)
    )


@dataclass(frozen=True)
class Wire:
    handle: Handler
    model: str
    prefix: str
    base: str
    key: dict[str, str]
    path: str = ""


WIRES = {
    "anthropic": Wire(
        anthropic.handle,
        "claude-sonnet-4-5",
        "claude-",
        "anthropic_base_url",
        {"anthropic_api_key": anthropic.KEY},
    ),
    "claude-max": Wire(
        subscription,
        "claude-sonnet-4-5",
        "claude-",
        "claude_max_base_url",
        {"claude_code_oauth_token": OAUTH},
    ),
    "gemini": Wire(
        gemini.handle,
        "gemini-2.5-flash",
        "gemini-",
        "gemini_base_url",
        {"gemini_api_key": gemini.KEY},
        "/v1beta",
    ),
    "ollama": Wire(ollama.handle, "llama3.2", "", "ollama_base_url", {}),
}


@pytest.fixture(params=WIRES)
def slug(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def wire(slug: str) -> Wire:
    return WIRES[slug]


@pytest.fixture
def server(wire: Wire) -> Iterator[ProviderServer]:
    with ProviderServer(wire.handle) as started:
        yield started


@pytest.fixture
async def provider(
    slug: str, wire: Wire, server: ProviderServer, make_providers: MakeProviders, translate_url: str
) -> Provider:
    given = {wire.base: server.url + wire.path, **wire.key}
    return (await make_providers(translate_url=translate_url, **given))[slug]


class TestChat:
    async def test_plain(self, provider: Provider, wire: Wire) -> None:
        answer = await completed(provider, body_of(wire.model))
        assert "hello there" in answer["choices"][0]["message"]["content"]
        assert answer["choices"][0]["finish_reason"] == "stop"
        assert answer["usage"]["prompt_tokens"] > 0

    async def test_streamed_with_usage(self, provider: Provider, wire: Wire) -> None:
        chunks = await streamed(provider, body_of(wire.model))
        assert "hello there" in text_of(chunks)
        assert usage_of(chunks)["prompt_tokens"] > 0

    async def test_tool_calls(self, provider: Provider, wire: Wire) -> None:
        body = body_of(wire.model, tools=[WEATHER_TOOL])
        (call,) = (await completed(provider, body))["choices"][0]["message"]["tool_calls"]
        assert json.loads(call["function"]["arguments"]) == {"city": "Paris"}
        assert json.loads(arguments_of(await streamed(provider, body))) == {"city": "Paris"}

    async def test_vision(self, provider: Provider, wire: Wire, server: ProviderServer) -> None:
        await completed(provider, body_of(wire.model, [{"type": "text", "text": "see"}, PICTURE]))
        assert b"aGk=" in server.requests[-1].body

    async def test_structured_output(self, provider: Provider, wire: Wire) -> None:
        answer = await completed(provider, body_of(wire.model, "tree", response_format=SCHEMA))
        assert "word" in json.loads(answer["choices"][0]["message"]["content"])


class TestFailures:
    @pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 529])
    async def test_errors_keep_their_status(
        self, provider: Provider, wire: Wire, status: int
    ) -> None:
        for call in (completed, streamed):
            with pytest.raises(UpstreamError) as caught:
                await call(provider, body_of(f"{wire.prefix}error-{status}"))
            assert caught.value.provider_status == status
            assert caught.value.is_retryable == (status in {429, 500, 529})

    async def test_slow(self, provider: Provider, wire: Wire) -> None:
        with pytest.raises(UpstreamError) as caught:
            await completed(provider, body_of(f"{wire.prefix}slow"))
        assert caught.value.reply_lost

    async def test_cut_in_the_middle_of_a_stream(self, provider: Provider, wire: Wire) -> None:
        pieces = provider.stream(body_of(f"{wire.prefix}cut", stream=True))
        assert await anext(pieces)
        with pytest.raises(UpstreamError):
            [piece async for piece in pieces]

    async def test_nobody_there(
        self, slug: str, wire: Wire, make_providers: MakeProviders, translate_url: str
    ) -> None:
        given = {wire.base: f"http://127.0.0.1:{free_port()}", **wire.key}
        provider = (await make_providers(translate_url=translate_url, **given))[slug]
        with pytest.raises(ProviderDown):
            await completed(provider, body_of(wire.model))
        state = await provider.state()
        assert (state.configured, state.available) == (True, False)


class TestState:
    async def test_lists_its_models(self, provider: Provider, wire: Wire) -> None:
        state = await provider.state()
        assert state.available, state.reason
        assert wire.model in state.models

    async def test_says_what_is_missing(self, slug: str, make_providers: MakeProviders) -> None:
        state = await (await make_providers())[slug].state()
        assert not state.configured
        assert "Set " in state.reason


class TestRotation:
    @pytest.mark.parametrize("slug", ["gemini"], indirect=True)
    async def test_keys_take_turns(
        self, server: ProviderServer, make_providers: MakeProviders, translate_url: str
    ) -> None:
        providers = await make_providers(
            translate_url=translate_url,
            gemini_base_url=f"{server.url}/v1beta",
            gemini_api_key=f"{gemini.KEY},{gemini.KEY}2",
        )
        keys: dict[str, Any] = {}
        for _ in range(2):
            await completed(providers["gemini"], body_of("gemini-2.5-flash"))
            keys[server.requests[-1].headers["x-goog-api-key"]] = 1
        assert set(keys) == {gemini.KEY, f"{gemini.KEY}2"}
