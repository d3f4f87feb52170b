"""Whatever a body or an answer holds: it is converted, or refused with a named error."""

from contextlib import suppress
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kit.errors import BadRequest
from services.llm_gateway.dialects.deltas import read_answer, read_chunk
from services.llm_gateway.dialects.tokens import estimate_tokens
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.messages import composer as messages_composer
from services.llm_gateway.messages import request as messages
from services.llm_gateway.responses import composer as responses_composer
from services.llm_gateway.responses import request as responses
from tests.fixtures import coding_agents
from tests.unit.llm_gateway.dialects.providers import LOCAL, OPENAI

_KEYS = st.sampled_from(
    [
        *(
            "type",
            "role",
            "content",
            "text",
            "name",
            "id",
            "call_id",
            "arguments",
            "input",
            "output",
        ),
        *(
            "tools",
            "tool_choice",
            "parameters",
            "input_schema",
            "source",
            "data",
            "media_type",
            "url",
        ),
        *(
            "image_url",
            "tool_use_id",
            "is_error",
            "namespace",
            "format",
            "schema",
            "summary",
            "mode",
        ),
        *("choices", "delta", "message", "tool_calls", "function", "index", "usage", "refusal"),
        *("finish_reason", "stop_reason", "model", "reasoning_content", "prompt_tokens_details"),
        *("cached_tokens", "prompt_tokens", "reasoning", "effort", "metadata", "syntax", "detail"),
    ]
)
_WORDS = st.sampled_from(
    [
        *("message", "user", "assistant", "system", "developer", "function", "custom", "namespace"),
        *("function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output"),
        *("input_text", "input_image", "output_text", "refusal", "reasoning", "text", "image"),
        *("tool_use", "tool_result", "thinking", "document", "base64", "url", "content", "any"),
        *("allowed_tools", "required", "auto", "json_schema", "grammar", "search_result", "tool"),
    ]
)
_LEAVES = (
    _WORDS | st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text()
)
JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=25,
)


@st.composite
def changed(draw: st.DrawFn, whole: dict[str, Any]) -> dict[str, Any]:
    """The body with one value in it replaced, anywhere."""
    body: Any = orjson.loads(orjson.dumps(whole))
    at: Any = body
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = draw(st.sampled_from(keys))
        inner = at[key]
        if not inner or not isinstance(inner, dict | list) or draw(st.booleans()):
            at[key] = draw(JSON)
            return body
        at = inner


def _check(chat: dict[str, Any]) -> None:
    """It can be sent, and its tokens be counted."""
    assert chat["model"]
    assert orjson.dumps(chat)
    assert estimate_tokens(chat) >= 0


@given(
    changed(coding_agents.codex("m"))
    | st.dictionaries(_KEYS, JSON).map(lambda d: d | {"model": "m"})
)
@settings(max_examples=400, deadline=None)
def test_a_responses_request(body: dict[str, Any]) -> None:
    with suppress(BadRequest):
        request = responses.read_request(body, strict_tools=False)
        for traits in (OPENAI, LOCAL):
            _check(request.chat_body(traits, []))
        assert orjson.dumps(request.repeated())


@given(changed(coding_agents.claude_code("m")))
@settings(max_examples=400, deadline=None)
def test_a_messages_request(body: dict[str, Any]) -> None:
    with suppress(BadRequest):
        request = messages.read_request(body, strict_tools=False)
        for traits in (OPENAI, LOCAL):
            _check(request.chat_body(traits))


@given(st.lists(st.dictionaries(_KEYS, JSON, max_size=4) | JSON, max_size=4))
@settings(max_examples=400, deadline=None)
def test_an_answer(chunks: list[Any]) -> None:
    asked = responses.read_request(coding_agents.codex("m"), strict_tools=False)
    response = responses_composer.Composer(asked, {"messages": []}, stored=False)
    wanted = messages.read_request(coding_agents.claude_code("m"), strict_tools=False)
    message = messages_composer.Composer(wanted, {"messages": []})
    for chunk in chunks:
        data = orjson.dumps({"choices": [chunk], **(chunk if isinstance(chunk, dict) else {})})
        delta = read_chunk(data)
        with suppress(UpstreamError):
            read_answer(data)
        events = [*response.take(delta), *message.take(delta)]
        assert orjson.dumps(events)
    events = [*response.finish(), response.last_event(), *message.finish()]
    assert orjson.dumps([*events, message.message()])
