"""Every vendor that speaks OpenAI's format, each against a server that does so in its own way."""

import json
from decimal import Decimal
from typing import Any

import pytest

from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.providers.base import Provider
from services.llm_gateway.providers.registry import Providers
from tests.fixtures.ports import free_port
from tests.fixtures.providers.server import ProviderServer
from tests.fixtures.providers.vendors import KEY, MODEL, WIRES, Wire
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

PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}
SCHEMA: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {
        "name": "word",
        "schema": {
            "type": "object",
            "properties": {"word": {"type": "string"}},
            "required": ["word"],
        },
    },
}
STATUSES = (400, 401, 403, 404, 413, 429, 500, 529)
KEY_VARIABLES = {"github": "github_token"}


def settings_of(slug: str, url: str, wire: Wire) -> dict[str, Any]:
    base = f"{url}{wire.base}"
    if slug == "mine":
        return {"nova_custom_providers": [{"slug": slug, "base_url": base, "api_key": KEY}]}
    return {f"{slug}_api_base": base, KEY_VARIABLES.get(slug, f"{slug}_api_key"): KEY}


@pytest.fixture(params=WIRES)
def slug(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def server(slug: str) -> Any:
    with ProviderServer(WIRES[slug].handle) as started:
        yield started


@pytest.fixture
async def providers(slug: str, server: ProviderServer, make_providers: MakeProviders) -> Providers:
    return await make_providers(**settings_of(slug, server.url, WIRES[slug]))


@pytest.fixture
def provider(slug: str, providers: Providers) -> Provider:
    return providers[slug]


class TestChat:
    async def test_plain(self, provider: Provider) -> None:
        answer = await completed(provider, body_of(MODEL))
        assert answer["choices"][0]["message"]["content"] == "You said: hello there"
        assert answer["choices"][0]["finish_reason"] == "stop"
        assert answer["usage"]["prompt_tokens"] == 2

    async def test_streamed_with_usage(self, provider: Provider) -> None:
        chunks = await streamed(provider, body_of(MODEL))
        assert text_of(chunks) == "You said: hello there"
        assert usage_of(chunks)["prompt_tokens"] == 2
        assert [c["finish_reason"] for chunk in chunks for c in chunk["choices"]][-1] == "stop"

    async def test_tool_calls(self, provider: Provider) -> None:
        body = body_of(MODEL, tools=[WEATHER_TOOL])
        (call,) = (await completed(provider, body))["choices"][0]["message"]["tool_calls"]
        assert call["function"]["name"] == "get_weather"
        assert json.loads(call["function"]["arguments"]) == {"city": "Paris"}
        assert json.loads(arguments_of(await streamed(provider, body))) == {"city": "Paris"}

    async def test_vision(self, provider: Provider, server: ProviderServer) -> None:
        parts = [{"type": "text", "text": "see"}, PICTURE]
        await completed(provider, body_of(MODEL, parts))
        assert server.requests[-1].json["messages"][0]["content"] == parts

    async def test_structured_output(self, provider: Provider) -> None:
        answer = await completed(provider, body_of(MODEL, "tree", response_format=SCHEMA))
        assert json.loads(answer["choices"][0]["message"]["content"]) == {"word": "tree"}

    async def test_fields_that_the_vendor_refuses_are_left_out(
        self, provider: Provider, server: ProviderServer
    ) -> None:
        body = body_of(MODEL, max_completion_tokens=9, frequency_penalty=0.5, logit_bias={})
        answer = await completed(provider, body)
        assert answer["choices"][0]["finish_reason"] == "stop"
        sent = server.requests[-1].json
        assert 9 in (sent.get("max_completion_tokens"), sent.get("max_tokens"))


class TestFailures:
    @pytest.mark.parametrize("status", STATUSES)
    async def test_errors_keep_status_and_words(self, provider: Provider, status: int) -> None:
        for call in (completed, streamed):
            with pytest.raises(UpstreamError) as caught:
                await call(provider, body_of(f"error-{status}"))
            error = caught.value
            assert error.provider_status == status
            assert error.message.rstrip(".") in _WORDS[status]
            assert error.retry_after == (7.0 if status == 429 else None)
            assert error.is_retryable == (status in {429, 500, 529})
            assert not error.reply_lost

    async def test_slow(self, provider: Provider) -> None:
        with pytest.raises(UpstreamError, match="silent") as caught:
            await completed(provider, body_of("slow"))
        assert caught.value.reply_lost

    @pytest.mark.parametrize("behaviour", ["cut", "cut-clean", "late-error"])
    async def test_cut_in_the_middle_of_a_stream(self, provider: Provider, behaviour: str) -> None:
        pieces = provider.stream(body_of(behaviour, stream=True))
        assert await anext(pieces)
        with pytest.raises(UpstreamError):
            [piece async for piece in pieces]

    async def test_cut_in_the_middle_of_an_answer(self, provider: Provider) -> None:
        with pytest.raises(UpstreamError) as caught:
            await completed(provider, body_of("cut"))
        assert caught.value.reply_lost

    async def test_nobody_there(self, slug: str, make_providers: MakeProviders) -> None:
        url = f"http://127.0.0.1:{free_port()}"
        provider = (await make_providers(**settings_of(slug, url, WIRES[slug])))[slug]
        for call in (completed, streamed):
            with pytest.raises(ProviderDown):
                await call(provider, body_of(MODEL))
        state = await provider.state()
        assert (state.configured, state.available) == (True, False)
        assert "can't be reached" in state.reason


class TestState:
    async def test_lists_its_models(self, slug: str, provider: Provider) -> None:
        state = await provider.state()
        assert state.available, state.reason
        assert state.models[0] == MODEL
        facts = provider.told(MODEL)
        window, most, vision = _FACTS.get(slug, (None, None, None))
        assert (facts.context_window, facts.max_output_tokens) == (window, most)
        assert facts.vision is vision

    @pytest.mark.parametrize("slug", [slug for slug, wire in WIRES.items() if wire.needs_key])
    async def test_a_wrong_key_is_said(self, slug: str, make_providers: MakeProviders) -> None:
        with ProviderServer(WIRES[slug].handle) as server:
            given = settings_of(slug, server.url, WIRES[slug])
            variable = KEY_VARIABLES.get(slug, f"{slug}_api_key")
            provider = (await make_providers(**{**given, variable: "wrong"}))[slug]
            state = await provider.state()
        assert not state.available
        assert "401" in state.reason
        assert "No such key" in state.reason

    # A custom server always has an address.
    @pytest.mark.parametrize("slug", [slug for slug in WIRES if slug != "mine"])
    async def test_without_key_or_address_it_says_what_to_set(
        self, slug: str, make_providers: MakeProviders
    ) -> None:
        state = await (await make_providers())[slug].state()
        assert not state.configured
        variable = KEY_VARIABLES.get(slug, f"{slug}_api_key").upper()
        assert variable in state.reason or f"{slug.upper()}_BASE_URL" in state.reason


_WORDS = {
    400: "The request is wrong.",
    401: "Incorrect API key provided.",
    403: "Country not supported.",
    404: "The model does not exist.",
    413: "Request too large.",
    429: "Rate limit reached.",
    500: "The server had an error.",
    529: "Overloaded.",
}
_FACTS: dict[str, tuple[int | None, int | None, bool | None]] = {
    "groq": (131_072, 65_536, None),
    "openrouter": (180_000, 64_000, True),
    "github": (131_072, 16_384, True),
    "vllm": (32_768, None, None),
    "sglang": (16_384, None, None),
    "llamacpp": (8_192, None, True),
    "lmstudio": (4_096, None, True),
    "mine": (12_345, None, None),
}


class TestLists:
    """What single vendors leave out of their lists, or say beyond the rest."""

    @pytest.mark.parametrize("slug", ["groq"], indirect=True)
    async def test_retired_models_are_left_out(self, provider: Provider) -> None:
        assert (await provider.state()).models == (MODEL,)

    @pytest.mark.parametrize("slug", ["github"], indirect=True)
    async def test_models_that_paint_are_left_out(self, provider: Provider) -> None:
        assert (await provider.state()).models == (MODEL,)

    @pytest.mark.parametrize("slug", ["openrouter"], indirect=True)
    async def test_prices_are_told_and_a_varying_one_is_unknown(self, provider: Provider) -> None:
        await provider.state()
        price = provider.told(MODEL).price
        assert price is not None
        assert price.cost(1_000_000, 1_000_000, cached_tokens=500_000) == Decimal("16.65")
        assert provider.told("openrouter/auto").price is None
        free = provider.told("some/model:free").price
        assert free is not None
        assert free.cost(10, 10) == 0

    async def test_props_may_be_missing(self, make_providers: MakeProviders) -> None:
        lists = {"/v1/models": WIRES["llamacpp"].lists["/v1/models"]}
        with ProviderServer(Wire(needs_key=False, lists=lists).handle) as server:
            provider = (await make_providers(llamacpp_base_url=server.url))["llamacpp"]
            assert (await provider.state()).available
            assert provider.told(MODEL).context_window == 131_072

    @pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"data": 5}', b'{"data": [1, {}]}'])
    async def test_lists_of_another_shape(self, make_providers: MakeProviders, body: bytes) -> None:
        wire = Wire(needs_key=False, lists={"/v1/models": lambda _: body})
        with ProviderServer(wire.handle) as server:
            provider = (await make_providers(vllm_base_url=server.url))["vllm"]
            assert (await provider.state()).models == ()
