"""Between Nova's messages and OpenAI's."""

from collections.abc import Mapping
from typing import Any, cast

import orjson

from contracts.chat import Message, ToolCall
from contracts.llm import CompleteRequest
from services.llm_gateway.providers.base import JsonDict, ProviderTraits


def openai_body(request: CompleteRequest, *, model: str, traits: ProviderTraits) -> JsonDict:
    """The request in OpenAI's form, for the provider's own name of the model."""
    body: JsonDict = {"model": model, "messages": [_message(m) for m in request.messages]}
    if request.tools:
        body["tools"] = [tool.model_dump() for tool in request.tools]
    if request.response_format is not None:
        body["response_format"] = request.response_format
    quirks = traits.quirks
    if request.temperature is not None and not quirks.is_reasoning(model):
        body["temperature"] = request.temperature
    if request.max_tokens is not None:
        body[quirks.limit_field(model)] = request.max_tokens
    return body


def _message(message: Message) -> JsonDict:
    converted: JsonDict = {"role": message.role, "content": message.content}
    if message.tool_calls:
        converted["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {
                    "name": call.name,
                    "arguments": orjson.dumps(call.arguments).decode(),
                },
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        converted["tool_call_id"] = message.tool_call_id
    if message.name is not None:
        converted["name"] = message.name
    return converted


def tool_call(call: Mapping[str, Any]) -> ToolCall:
    """A tool call as Nova gives it; arguments that are no JSON object come as {"_raw": text}."""
    function = cast("Mapping[str, Any]", call.get("function") or {})
    return ToolCall(
        id=str(call.get("id") or ""),
        name=str(function.get("name") or ""),
        arguments=parsed_arguments(str(function.get("arguments") or "")),
    )


def parsed_arguments(text: str) -> dict[str, Any]:
    try:
        parsed = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        parsed = None
    if isinstance(parsed, dict):
        return cast("dict[str, Any]", parsed)
    # The tool answers with what is wrong, and the model gets to mend it.
    return {"_raw": text}


class ToolCallParts:
    """Puts tool calls together that a stream gives in pieces."""

    def __init__(self) -> None:
        self._calls: dict[int, dict[str, str]] = {}

    def add(self, deltas: list[Any]) -> int:
        """Take a chunk's pieces; returns how many characters they have."""
        size = 0
        for place, delta in enumerate(deltas):
            piece = cast("Mapping[str, Any]", delta)
            function = cast("Mapping[str, Any]", piece.get("function") or {})
            index = piece.get("index")
            call = self._calls.setdefault(
                place if index is None else int(index), {"id": "", "name": "", "arguments": ""}
            )
            call["id"] = call["id"] or str(piece.get("id") or "")
            call["name"] += str(function.get("name") or "")
            arguments = str(function.get("arguments") or "")
            call["arguments"] += arguments
            size += len(arguments) + len(str(function.get("name") or ""))
        return size

    def finished(self) -> list[ToolCall]:
        return [
            ToolCall(
                id=call["id"] or f"call_{index}",
                name=call["name"],
                arguments=parsed_arguments(call["arguments"]),
            )
            for index, call in sorted(self._calls.items())
        ]
