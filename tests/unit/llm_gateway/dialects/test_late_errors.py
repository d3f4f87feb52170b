"""What fails after heartbeats were sent, and before the first event of an answer."""

import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.messages import router as messages
from services.llm_gateway.responses import router as responses

Events = AsyncGenerator[bytes, None]


async def _failing() -> Events:
    raise UpstreamError("openai", 500, "broken")
    yield b""


async def _event(wrap: Callable[[Events], Events]) -> tuple[str, dict[str, Any]]:
    (event,) = [event async for event in wrap(_failing())]
    name, data = event.decode().strip().split("\n")
    return name, json.loads(data.removeprefix("data: "))


@pytest.mark.parametrize("wrap", [messages._with_error, responses._with_error])
async def test_it_is_an_event_of_its_own(wrap: Callable[[Events], Events]) -> None:
    name, event = await _event(wrap)
    assert (name, event["type"]) == ("event: error", "error")


async def test_the_shapes() -> None:
    assert (await _event(messages._with_error))[1]["error"]["type"] == "api_error"
    assert (await _event(responses._with_error))[1] == {
        "type": "error",
        "code": "provider_failed",
        "message": "openai answered 500: broken",
        "param": None,
        "sequence_number": 0,
    }
