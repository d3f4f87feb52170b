"""ChatGPT's subscription: chat completions over a server that speaks Responses."""

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.kit.errors import BadRequest
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.providers.base import Provider
from tests.fixtures.ports import free_port
from tests.fixtures.providers import chatgpt
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
from tests.integration.llm_gateway.providers.test_openai_vendors import PICTURE, SCHEMA, STATUSES

MODEL = "gpt-5.5"
BASE = "/backend-api/codex"


def token(*, seconds: float = 3600, account: str | None = chatgpt.ACCOUNT, number: int = 1) -> str:
    claims: dict[str, Any] = {"exp": int(time.time() + seconds), "jti": number}
    if account is not None:
        claims["https://api.openai.com/auth"] = {"chatgpt_account_id": account}
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()) for part in ({"alg": "none"}, claims, 1)
    ]
    return b".".join(part.rstrip(b"=") for part in parts).decode()


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer(chatgpt.handle) as started:
        yield started


@pytest.fixture
async def provider(server: ProviderServer, make_providers: MakeProviders) -> Provider:
    given = {"chatgpt_base_url": server.url + BASE, "chatgpt_access_token": token()}
    return (await make_providers(**given))["chatgpt"]


class TestChat:
    async def test_plain(self, provider: Provider) -> None:
        answer = await completed(provider, body_of(MODEL, temperature=0.5, max_tokens=9))
        assert answer["object"] == "chat.completion"
        assert answer["choices"][0]["message"]["content"] == "You said: hello there"
        assert answer["choices"][0]["finish_reason"] == "stop"
        assert answer["usage"] == {
            "prompt_tokens": 7,
            "completion_tokens": 5,
            "total_tokens": 12,
            "prompt_tokens_details": {"cached_tokens": 3},
            "completion_tokens_details": {"reasoning_tokens": 2},
        }

    async def test_streamed(self, provider: Provider) -> None:
        chunks = await streamed(provider, body_of(MODEL))
        assert text_of(chunks) == "You said: hello there"
        assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
        assert usage_of(chunks)["total_tokens"] == 12
        unasked = [
            orjson.loads(data) async for data in provider.stream(body_of(MODEL, stream=True))
        ]
        assert all(chunk["choices"] for chunk in unasked)

    @pytest.mark.parametrize("model", [MODEL, "whole-arguments"])
    async def test_tool_calls(self, provider: Provider, model: str) -> None:
        body = body_of(model, tools=[WEATHER_TOOL])
        (choice,) = (await completed(provider, body))["choices"]
        (call,) = choice["message"]["tool_calls"]
        assert (choice["finish_reason"], call["id"]) == ("tool_calls", "call_1")
        assert json.loads(call["function"]["arguments"]) == {"city": "Paris"}
        assert json.loads(arguments_of(await streamed(provider, body))) == {"city": "Paris"}

    async def test_a_whole_conversation_is_translated(
        self, provider: Provider, server: ProviderServer
    ) -> None:
        function = {"name": "get_weather", "arguments": '{"city": "Paris"}'}
        messages = [
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": [{"type": "text", "text": "And kind."}]},
            {"role": "user", "content": [{"type": "text", "text": "see"}, PICTURE]},
            {
                "role": "assistant",
                "content": "I look.",
                "tool_calls": [{"id": "c1", "type": "function", "function": function}],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "rain"},
        ]
        body = body_of(MODEL, tools=[WEATHER_TOOL], reasoning_effort="low") | {"messages": messages}
        choice: dict[str, Any] = {"type": "function", "function": {"name": "get_weather"}}
        answer = await completed(provider, body | {"tool_choice": choice})
        assert answer["choices"][0]["message"]["content"] == "You said: rain"
        sent = server.requests[-1].json
        assert sent["instructions"] == "Be brief.\n\nAnd kind."
        assert [item["type"] for item in sent["input"]] == [
            *("message", "message", "function_call", "function_call_output"),
        ]
        assert sent["input"][0]["content"][1]["image_url"].startswith("data:image/png")
        assert sent["tool_choice"] == {"type": "function", "name": "get_weather"}
        assert sent["reasoning"] == {"effort": "low"}

    async def test_structured_output(self, provider: Provider) -> None:
        answer = await completed(provider, body_of(MODEL, "tree", response_format=SCHEMA))
        assert json.loads(answer["choices"][0]["message"]["content"]) == {"word": "tree"}

    async def test_an_answer_that_was_too_long(self, provider: Provider) -> None:
        answer = await completed(provider, body_of("incomplete"))
        assert answer["choices"][0]["finish_reason"] == "length"

    @pytest.mark.parametrize(
        "more",
        [
            {"n": 2},
            {"audio": {"voice": "x"}},
            {"tools": [{"type": "web_search"}]},
            {"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]},
        ],
    )
    async def test_what_it_can_not_say_is_refused(
        self, provider: Provider, server: ProviderServer, more: dict[str, Any]
    ) -> None:
        with pytest.raises(BadRequest) as caught:
            await completed(provider, body_of(MODEL) | more)
        assert caught.value.code == "not_translatable"
        assert server.requests == []


class TestFailures:
    @pytest.mark.parametrize("status", STATUSES)
    async def test_errors_keep_status_and_words(self, provider: Provider, status: int) -> None:
        for call in (completed, streamed):
            with pytest.raises(UpstreamError, match=f"It says {status}") as caught:
                await call(provider, body_of(f"error-{status}"))
            assert caught.value.provider_status == status

    async def test_an_error_as_the_first_event_may_be_tried_again(self, provider: Provider) -> None:
        with pytest.raises(UpstreamError, match="Too many") as caught:
            await streamed(provider, body_of("late-error"))
        assert caught.value.is_retryable

    async def test_slow_and_cut(self, provider: Provider) -> None:
        for behaviour in ("slow", "cut"):
            with pytest.raises(UpstreamError) as caught:
                await completed(provider, body_of(behaviour))
            assert caught.value.reply_lost, behaviour

    async def test_nobody_there(self, make_providers: MakeProviders) -> None:
        url = f"http://127.0.0.1:{free_port()}"
        given = {"chatgpt_base_url": url, "chatgpt_access_token": token()}
        provider = (await make_providers(**given))["chatgpt"]
        with pytest.raises(ProviderDown):
            await completed(provider, body_of(MODEL))
        assert "can't be reached" in (await provider.state()).reason

    @pytest.mark.parametrize(
        "given",
        # With an id: the token's own text has the time in it, and differs between test processes.
        ["no-jwt", "a.b.c", "ey.¤.x", pytest.param(token(account=None), id="without-account")],
    )
    async def test_a_token_that_is_none_is_refused_by_the_server(
        self, server: ProviderServer, make_providers: MakeProviders, given: str
    ) -> None:
        settings = {"chatgpt_base_url": server.url + BASE, "chatgpt_access_token": given}
        provider = (await make_providers(**settings))["chatgpt"]
        assert "401" in (await provider.state()).reason


class TestState:
    async def test_lists_its_models(self, provider: Provider) -> None:
        state = await provider.state()
        assert (state.available, state.models) == (True, (MODEL,))
        assert provider.told(MODEL).context_window == 272_000
        assert provider.traits.free

    async def test_a_server_without_a_list(self, make_providers: MakeProviders) -> None:
        async def no_list(request: Request) -> Reply | Stream:
            return Reply({}, 404) if request.method == "GET" else await chatgpt.handle(request)

        with ProviderServer(no_list) as server:
            given = {"chatgpt_base_url": server.url + BASE, "chatgpt_access_token": token()}
            provider = (await make_providers(**given))["chatgpt"]
            assert MODEL in (await provider.state()).models

    async def test_says_what_is_missing(self, make_providers: MakeProviders) -> None:
        state = await (await make_providers())["chatgpt"].state()
        assert not state.configured
        assert "CHATGPT_ACCESS_TOKEN" in state.reason
        assert "codex login" in state.reason


class TestLogin:
    """The file that the command line keeps; what is renewed is told by the token server."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        (tmp_path / "codex").mkdir()
        return tmp_path / "codex" / "auth.json"

    async def test_an_ended_token_is_renewed_and_written_back(
        self, server: ProviderServer, make_providers: MakeProviders, file: Path
    ) -> None:
        old, new = token(seconds=-5), token(number=2)

        async def renew(request: Request) -> Reply:
            assert request.json["refresh_token"] == "refresh-1"
            return Reply({"access_token": new, "refresh_token": "refresh-2", "id_token": "i2"})

        tokens = {"access_token": old, "refresh_token": "refresh-1", "account_id": chatgpt.ACCOUNT}
        file.write_text(json.dumps({"OPENAI_API_KEY": None, "tokens": tokens, "mine": [1]}))
        with ProviderServer(renew) as tokens_server:
            given = {
                "chatgpt_base_url": server.url + BASE,
                "chatgpt_token_url": tokens_server.url,
            }
            provider = (await make_providers(**given))["chatgpt"]
            assert (await provider.state()).available
            assert len(tokens_server.requests) == 1
        answer = await completed(provider, body_of(MODEL))
        assert answer["choices"][0]["finish_reason"] == "stop"
        kept = json.loads(file.read_text())
        assert kept["tokens"] == {
            "access_token": new,
            "refresh_token": "refresh-2",
            "id_token": "i2",
            "account_id": chatgpt.ACCOUNT,
        }
        assert (kept["OPENAI_API_KEY"], kept["mine"]) == (None, [1])
        assert kept["last_refresh"]
        assert file.stat().st_mode & 0o777 == 0o600
        assert [path.name for path in file.parent.iterdir()] == ["auth.json"]
