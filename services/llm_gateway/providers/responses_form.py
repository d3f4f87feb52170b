"""Between OpenAI's chat completions and its Responses API, as chatgpt.py needs it."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import orjson

from services.kit.errors import BadRequest
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.providers.base import JsonDict

Item = Mapping[str, Any]

_SYSTEM = frozenset({"system", "developer"})
_DEFAULT_INSTRUCTIONS = "You are a helpful assistant."
_STATUSES = {
    "rate_limit_exceeded": 429,
    "usage_limit_reached": 429,
    "server_error": 500,
    "server_is_overloaded": 529,
    "context_length_exceeded": 400,
    "invalid_prompt": 400,
}


def responses_body(body: JsonDict) -> JsonDict:
    """The request in the Responses form, streamed and not stored.

    Raises BadRequest for what that form can't say. Limits and sampling are left out: the
    subscription's server refuses them.
    """
    if body.get("n") not in (None, 1) or body.get("audio") is not None:
        raise BadRequest("This provider gives one answer, in text.", code="not_translatable")
    instructions, items = _input(cast("list[Item]", body.get("messages") or []))
    made: JsonDict = {
        "model": body["model"],
        "instructions": instructions or _DEFAULT_INSTRUCTIONS,
        "input": items,
        "store": False,
        "stream": True,
    }
    if body.get("tools"):
        made["tools"] = [_tool(tool) for tool in cast("list[Item]", body["tools"])]
        made["tool_choice"] = _tool_choice(body.get("tool_choice"))
        made["parallel_tool_calls"] = body.get("parallel_tool_calls") is not False
    if body.get("response_format"):
        made["text"] = {"format": _format(cast("Item", body["response_format"]))}
    if body.get("reasoning_effort"):
        made["reasoning"] = {"effort": body["reasoning_effort"]}
    return made


def _input(messages: list[Item]) -> tuple[str, list[JsonDict]]:
    instructions: list[str] = []
    items: list[JsonDict] = []
    for message in messages:
        role = message.get("role")
        if role in _SYSTEM:
            instructions.append(_text(message.get("content")))
        elif role == "tool":
            output = {"call_id": message.get("tool_call_id"), "output": _text(message["content"])}
            items.append({"type": "function_call_output", **output})
        elif role == "assistant":
            items.extend(_assistant(message))
        else:
            content = [_part(part) for part in _parts(message.get("content"))]
            items.append({"type": "message", "role": "user", "content": content})
    return "\n\n".join(text for text in instructions if text), items


def _assistant(message: Item) -> Iterator[JsonDict]:
    text = _text(message.get("content"))
    if text:
        content = [{"type": "output_text", "text": text}]
        yield {"type": "message", "role": "assistant", "content": content}
    for call in cast("list[Item]", message.get("tool_calls") or []):
        function = cast("Item", call.get("function") or {})
        yield {
            "type": "function_call",
            "call_id": call.get("id"),
            "name": function.get("name"),
            "arguments": function.get("arguments") or "{}",
        }


def _parts(content: Any) -> list[Item]:
    if isinstance(content, list):
        return [cast("Item", part) for part in cast("list[Any]", content)]
    return [{"type": "text", "text": content or ""}]


def _part(part: Item) -> JsonDict:
    kind = part.get("type")
    if kind == "text":
        return {"type": "input_text", "text": part.get("text") or ""}
    if kind == "image_url":
        picture = cast("Item", part.get("image_url") or {})
        found = {"type": "input_image", "image_url": picture.get("url")}
        return {**found, "detail": picture.get("detail") or "auto"}
    raise BadRequest(f"This provider takes no part of type {kind!r}.", code="not_translatable")


def _text(content: Any) -> str:
    return "".join(str(part.get("text") or "") for part in _parts(content))


def _tool(tool: Item) -> JsonDict:
    function = cast("Item", tool.get("function") or {})
    if tool.get("type") != "function":
        raise BadRequest("This provider takes function tools only.", code="not_translatable")
    return {
        "type": "function",
        "name": function.get("name"),
        "description": function.get("description") or "",
        "parameters": function.get("parameters") or {"type": "object", "properties": {}},
        "strict": bool(function.get("strict")),
    }


def _tool_choice(choice: Any) -> Any:
    if not isinstance(choice, Mapping):
        return choice or "auto"
    function = cast("Item", cast("Item", choice).get("function") or {})
    return {"type": "function", "name": function.get("name")}


def _format(wanted: Item) -> JsonDict:
    schema = cast("Item", wanted.get("json_schema") or {})
    if wanted.get("type") != "json_schema":
        return {"type": wanted.get("type")}
    return {
        "type": "json_schema",
        "name": schema.get("name") or "answer",
        "schema": schema.get("schema") or {},
        "strict": bool(schema.get("strict")),
    }


class ChunkMaker:
    """Makes chat chunks of a Responses stream; `ended` after its last event."""

    def __init__(self, slug: str, model: str) -> None:
        self._slug = slug
        self._head: JsonDict = {
            "id": "chatcmpl-0",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }
        self._calls: dict[Any, int] = {}
        self._with_arguments: set[int] = set()
        self._begun_to_speak = False
        self.ended = False

    def chunks(self, event: bytes) -> list[JsonDict]:
        """Raises UpstreamError for an event that says what failed."""
        try:
            found = cast("Item", orjson.loads(event))
            made = self._made(str(found.get("type")), found)
        except (orjson.JSONDecodeError, AttributeError, TypeError) as error:
            raise UpstreamError(self._slug, 0, "its stream can't be read") from error
        if made and not self._begun_to_speak:
            # Not before the first piece: until then the call may still fail, and be tried again.
            self._begun_to_speak = True
            made.insert(0, self._chunk({"role": "assistant", "content": ""}))
        return made

    def _made(self, kind: str, event: Item) -> list[JsonDict]:
        if kind in {"response.failed", "error"}:
            raise self._failure(event)
        makers: dict[str, Callable[[Item], list[JsonDict]]] = {
            "response.created": self._created,
            "response.output_text.delta": self._content,
            "response.refusal.delta": self._refusal,
            "response.output_item.added": self._begun,
            "response.function_call_arguments.delta": self._arguments,
            "response.function_call_arguments.done": self._all_arguments,
            "response.completed": self._finished,
            "response.incomplete": self._finished,
        }
        make = makers.get(kind)
        return [] if make is None else make(event)

    def _created(self, event: Item) -> list[JsonDict]:
        response = cast("Item", event.get("response") or {})
        identity = str(response.get("id") or "0").removeprefix("resp_")
        self._head["id"] = f"chatcmpl-{identity}"
        return []

    def _content(self, event: Item) -> list[JsonDict]:
        return [self._chunk({"content": event.get("delta")})]

    def _refusal(self, event: Item) -> list[JsonDict]:
        return [self._chunk({"refusal": event.get("delta")})]

    def _begun(self, event: Item) -> list[JsonDict]:
        item = cast("Item", event.get("item") or {})
        if item.get("type") != "function_call":
            return []
        index = self._calls[event.get("output_index")] = len(self._calls)
        function = {"name": item.get("name") or "", "arguments": ""}
        call = {"index": index, "id": item.get("call_id"), "type": "function"}
        return [self._chunk({"tool_calls": [{**call, "function": function}]})]

    def _arguments(self, event: Item) -> list[JsonDict]:
        index = self._calls.get(event.get("output_index"))
        text = event.get("delta") or event.get("arguments")
        if index is None or not text:
            return []
        self._with_arguments.add(index)
        return [self._chunk({"tool_calls": [{"index": index, "function": {"arguments": text}}]})]

    def _all_arguments(self, event: Item) -> list[JsonDict]:
        """The whole, for a server that gave no pieces."""
        index = self._calls.get(event.get("output_index"))
        return [] if index in self._with_arguments else self._arguments(event)

    def _finished(self, event: Item) -> list[JsonDict]:
        response = cast("Item", event.get("response") or {})
        self.ended = True
        reason = "tool_calls" if self._calls else "stop"
        details = response.get("incomplete_details")
        if isinstance(details, Mapping):
            cause = cast("Item", details).get("reason")
            reason = "content_filter" if cause == "content_filter" else "length"
        made = [self._chunk({}, reason)]
        if isinstance(response.get("usage"), Mapping):
            usage = _usage(cast("Item", response["usage"]))
            made.append({**self._head, "choices": [], "usage": usage})
        return made

    def _failure(self, event: Item) -> UpstreamError:
        response = cast("Item", event.get("response") or {})
        error = cast("Item", response.get("error") or event.get("error") or event)
        code = str(error.get("code") or "")
        message = str(error.get("message") or "it failed")[:500]
        return UpstreamError(self._slug, _STATUSES.get(code, 0), message)

    def _chunk(self, delta: JsonDict, reason: str | None = None) -> JsonDict:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return {**self._head, "choices": [choice]}


def _usage(given: Item) -> JsonDict:
    made: JsonDict = {
        "prompt_tokens": given.get("input_tokens") or 0,
        "completion_tokens": given.get("output_tokens") or 0,
        "total_tokens": given.get("total_tokens") or 0,
    }
    incoming = cast("Item", given.get("input_tokens_details") or {})
    outgoing = cast("Item", given.get("output_tokens_details") or {})
    made["prompt_tokens_details"] = {"cached_tokens": incoming.get("cached_tokens") or 0}
    made["completion_tokens_details"] = {"reasoning_tokens": outgoing.get("reasoning_tokens") or 0}
    return made


def completion(chunks: list[JsonDict]) -> bytes:
    """A whole chat completion from its chunks."""
    message: JsonDict = {"role": "assistant", "content": None, "refusal": None}
    calls: dict[int, JsonDict] = {}
    finish, usage = "stop", None
    for chunk in chunks:
        usage = chunk.get("usage") or usage
        for choice in chunk["choices"]:
            finish = choice["finish_reason"] or finish
            _add(choice["delta"], message, calls)
    if calls:
        message["tool_calls"] = list(calls.values())
    head = {**chunks[0], "object": "chat.completion"}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    made = {**head, "choices": [choice]}
    return orjson.dumps(made if usage is None else {**made, "usage": usage})


def _add(delta: JsonDict, message: JsonDict, calls: dict[int, JsonDict]) -> None:
    for name in ("content", "refusal"):
        if delta.get(name):
            message[name] = (message[name] or "") + delta[name]
    for part in delta.get("tool_calls", []):
        function = part["function"]
        if part["index"] not in calls:
            calls[part["index"]] = {
                "id": part["id"],
                "type": "function",
                "function": {"name": function["name"], "arguments": ""},
            }
        calls[part["index"]]["function"]["arguments"] += function["arguments"]
