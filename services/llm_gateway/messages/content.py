"""From the content blocks of Anthropic's messages to the messages of a chat completion."""

from typing import Any

import orjson

from services.llm_gateway.dialects.conversation import Conversation
from services.llm_gateway.dialects.deltas import as_object, text_of
from services.llm_gateway.dialects.names import short_name
from services.llm_gateway.dialects.refusals import invalid, object_at, text_at, unsupported
from services.llm_gateway.providers.base import JsonDict

# Only the model that wrote them can read them, and only Anthropic's server what it has found. A
# tuple: a type may be anything, and not hashable.
_PASSED_OVER = (
    *("thinking", "redacted_thinking"),
    *("server_tool_use", "web_search_tool_result", "tool_search_tool_result"),
)
# Claude Code begins with it; it is of no use to a model, and new each time, so that no server could
# reuse what it has read of the rest.
_BILLING = "x-anthropic-billing-header:"


def add_system(conversation: Conversation, value: Any) -> None:
    """The system prompt: a text, or blocks of text."""
    if value is None:
        return
    for block, param in _blocks(value, "system"):
        if block.get("type") != "text":
            raise invalid(param, "only text is allowed here.")
        text = text_of(block.get("text"))
        if not text.startswith(_BILLING):
            conversation.system(text)


def add_message(conversation: Conversation, message: JsonDict, param: str) -> None:
    """Raises RequestInvalid, or Unsupported for a block that no chat completion has."""
    blocks = _blocks(message.get("content"), f"{param}.content")
    match message.get("role"):
        case "user":
            _add_user(conversation, blocks)
        case "assistant":
            for block, place in blocks:
                _add_assistant(conversation, block, place)
        case "system":
            for block, place in blocks:
                conversation.system("".join(part.get("text", "") for part in _parts(block, place)))
        case _:
            raise invalid(f"{param}.role", "user or assistant is needed.")


def _add_user(conversation: Conversation, blocks: list[tuple[JsonDict, str]]) -> None:
    parts: list[JsonDict] = []
    for block, place in blocks:
        if block.get("type") == "tool_result":
            _add_result(conversation, block, place)
        else:
            parts += _parts(block, place)
    if parts or not blocks:
        conversation.user(parts)


def _add_result(conversation: Conversation, block: JsonDict, param: str) -> None:
    call_id = text_at(block.get("tool_use_id"), f"{param}.tool_use_id")
    content = block.get("content")
    inner = [] if content is None else _blocks(content, f"{param}.content")
    parts = [part for found, place in inner for part in _parts(found, place)]
    if block.get("is_error") is True:
        # A chat completion has no mark for a failure.
        parts.insert(0, {"type": "text", "text": "The tool failed."})
    conversation.tool_result(call_id, parts)


def _add_assistant(conversation: Conversation, block: JsonDict, param: str) -> None:
    kind = block.get("type")
    if kind == "text":
        conversation.assistant(text_of(block.get("text")))
    elif kind == "tool_use":
        conversation.tool_call(
            text_at(block.get("id"), f"{param}.id"),
            short_name(text_at(block.get("name"), f"{param}.name")),
            orjson.dumps(object_at(block.get("input"), f"{param}.input")).decode(),
        )
    elif kind not in _PASSED_OVER:
        raise _unsupported(param, kind)


def _parts(block: JsonDict, param: str) -> list[JsonDict]:
    match block.get("type"):
        case "text":
            return [{"type": "text", "text": text_of(block.get("text"))}]
        case "image":
            return [_image(object_at(block.get("source"), f"{param}.source"), f"{param}.source")]
        case "document":
            return _document(block, param)
        case "tool_reference":
            return [{"type": "text", "text": text_of(block.get("tool_name"))}]
        case "search_result":
            texts = [text_of(block.get("title")), text_of(block.get("source"))]
            texts.append(text_of(block.get("content")))
            return [{"type": "text", "text": "\n".join(text for text in texts if text)}]
        case kind:
            raise _unsupported(param, kind)


def _image(source: JsonDict, param: str) -> JsonDict:
    match source.get("type"):
        case "base64":
            kind = text_at(source.get("media_type"), f"{param}.media_type")
            url = f"data:{kind};base64,{text_at(source.get('data'), f'{param}.data')}"
        case "url":
            url = text_at(source.get("url"), f"{param}.url")
        case kind:
            raise _unsupported(param, kind)
    return {"type": "image_url", "image_url": {"url": url}}


def _document(block: JsonDict, param: str) -> list[JsonDict]:
    """A document that is text; no chat completion reads a PDF."""
    source = as_object(block.get("source"))
    title = [{"type": "text", "text": block["title"]}] if text_of(block.get("title")) else []
    match source.get("type"):
        case "text":
            text = text_at(source.get("data"), f"{param}.source.data")
            return [*title, {"type": "text", "text": text}]
        case "content":
            inner = _blocks(source.get("content"), f"{param}.source.content")
            return [*title, *(part for found, place in inner for part in _parts(found, place))]
        case kind:
            raise _unsupported(f"{param}.source", kind)


def _blocks(content: Any, param: str) -> list[tuple[JsonDict, str]]:
    """Each block with its place."""
    if isinstance(content, str):
        return [({"type": "text", "text": content}, param)]
    if not isinstance(content, list):
        raise invalid(param, "a text or a list of blocks is needed.")
    return [
        (object_at(block, f"{param}[{place}]"), f"{param}[{place}]")
        for place, block in enumerate(content)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    ]


def _unsupported(param: str, kind: Any) -> Exception:
    problem = f"content of type {kind!r} is not supported by the model's provider."
    return unsupported(f"{param}.type", problem, code="unsupported_content")
