"""The offline model behind the same interface as every provider."""

import asyncio
import base64
import struct
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, cast

import orjson

from services.kit.ids import new_id
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.models.prices import NOTHING, ModelFacts
from services.llm_gateway.providers.base import (
    Credential,
    Endpoint,
    JsonDict,
    ProviderState,
    ProviderTraits,
)
from services.llm_gateway.providers.offline import embedder
from services.llm_gateway.providers.offline.model import (
    MODEL,
    OfflineError,
    OfflineModel,
    OfflineReply,
    estimated_tokens,
)
from services.llm_gateway.providers.offline.scripting import ScriptError

PREFIX = "offline/"
_CHAT = MODEL.removeprefix(PREFIX)
_EMBEDDING = embedder.MODEL.removeprefix(PREFIX)
_LARGEST = 4_000


class OfflineProvider:
    """Always there, costs nothing."""

    def __init__(self, script: Path | None) -> None:
        self._model = OfflineModel(script)
        self.traits = ProviderTraits(
            slug="offline",
            title="Offline model (no language model)",
            kind="local",
            prefix=PREFIX,
            local=True,
            official=False,
            free=True,
            auth_methods=("none",),
            wire="offline",
        )

    async def state(self, *, fresh: bool = False) -> ProviderState:  # noqa: ARG002 - the interface
        return ProviderState(
            configured=True, available=True, models=(_CHAT, _EMBEDDING), latency_ms=0.0
        )

    async def check(self, credential: Credential) -> ProviderState:  # noqa: ARG002 - it takes no key
        return await self.state()

    def told(self, model: str) -> ModelFacts:  # noqa: ARG002 - the table knows it
        return NOTHING

    def pick_chat_model(self, models: tuple[str, ...]) -> str | None:  # noqa: ARG002 - there is one
        return _CHAT

    def pick_embedding_model(self, models: tuple[str, ...]) -> str | None:  # noqa: ARG002 - as above
        return _EMBEDDING

    async def complete(self, body: JsonDict) -> bytes:
        reply = await self._reply(body)
        calls = _tool_calls(reply)
        message: JsonDict = {
            "role": "assistant",
            "content": None if calls else reply.content,
            "refusal": None,
        }
        if calls:
            message["tool_calls"] = calls
        choices = [
            {"index": i, "message": message, "logprobs": None, "finish_reason": reply.finish_reason}
            for i in range(body.get("n") or 1)
        ]
        head = _head("chat.completion")
        return orjson.dumps({**head, "choices": choices, "usage": _usage(reply, len(choices))})

    async def stream(self, body: JsonDict) -> AsyncGenerator[bytes, None]:
        reply = await self._reply(body)
        head = _head("chat.completion.chunk")
        choices = range(body.get("n") or 1)

        def chunk(index: int, delta: JsonDict, finish: str | None = None) -> bytes:
            choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
            return orjson.dumps({**head, "choices": [choice]})

        for index in choices:
            yield chunk(index, {"role": "assistant", "content": ""})
            for piece in () if reply.tool_calls else reply.pieces():
                if reply.chunk_delay_ms:
                    await asyncio.sleep(reply.chunk_delay_ms / 1000)
                yield chunk(index, {"content": piece})
            for number, call in enumerate(_tool_calls(reply)):
                yield chunk(index, {"tool_calls": [{"index": number, **call}]})
            yield chunk(index, {}, reply.finish_reason)
        yield orjson.dumps({**head, "choices": [], "usage": _usage(reply, len(choices))})

    async def embed(self, body: JsonDict) -> bytes:
        texts = _texts(body.get("input"))
        dimensions = body.get("dimensions") or embedder.DIMENSIONS
        if body["model"] != _EMBEDDING:
            raise UpstreamError("offline", 404, f"it has no embedding model {body['model']!r}")
        if not isinstance(dimensions, int) or not 1 <= dimensions <= _LARGEST:
            raise UpstreamError("offline", 400, f"dimensions must be 1 to {_LARGEST}")
        vectors: list[list[float]] | list[str] = embedder.embed(texts, dimensions)
        if body.get("encoding_format") == "base64":
            packed = [struct.pack(f"<{len(vector)}f", *vector) for vector in vectors]
            vectors = [base64.b64encode(data).decode() for data in packed]
        data = [
            {"object": "embedding", "index": index, "embedding": vector}
            for index, vector in enumerate(vectors)
        ]
        tokens = estimated_tokens(sum(len(text) for text in texts))
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        answer = {"object": "list", "model": embedder.MODEL, "data": data, "usage": usage}
        return orjson.dumps(answer)

    def endpoint(self, path: str) -> Endpoint | None:  # noqa: ARG002 - it is no server
        return None

    def refused(self, endpoint: Endpoint, error: UpstreamError) -> bool:  # noqa: ARG002 - no keys
        return False

    async def _reply(self, body: JsonDict) -> OfflineReply:
        if body["model"] != _CHAT:
            raise UpstreamError(
                "offline", 404, f"it has no model {body['model']!r}, only {_CHAT!r}"
            )
        tools = body.get("tools") if body.get("tool_choice") != "none" else None
        try:
            reply = self._model.reply(
                body["messages"],
                tools=tools or (),
                response_format=body.get("response_format"),
                max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
            )
        except OfflineError as error:
            raise UpstreamError("offline", error.status, error.message) from error
        except ScriptError as error:
            raise ProviderDown(str(error), code="offline_script_wrong") from error
        if reply.delay_ms:
            await asyncio.sleep(reply.delay_ms / 1000)
        return reply


def _head(kind: str) -> JsonDict:
    number = new_id().hex
    return {"id": f"chatcmpl-{number}", "object": kind, "created": int(time.time()), "model": MODEL}


def _tool_calls(reply: OfflineReply) -> list[JsonDict]:
    return [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for call in reply.tool_calls
    ]


def _usage(reply: OfflineReply, choices: int) -> JsonDict:
    output = reply.output_tokens * choices
    return {
        "prompt_tokens": reply.input_tokens,
        "completion_tokens": output,
        "total_tokens": reply.input_tokens + output,
    }


def _texts(given: Any) -> list[str]:
    """The input of an embedding request: a text or a list of texts (token lists are refused)."""
    if isinstance(given, str):
        return [given]
    if isinstance(given, list) and given:
        texts = cast("list[Any]", given)
        if all(isinstance(text, str) for text in texts):
            return texts
    raise UpstreamError("offline", 400, "input must be a text or a list of texts")
