"""From a Responses request's input items to the messages of a chat completion."""

from collections.abc import Iterable
from typing import Any

import orjson

from services.kit.ids import new_id
from services.llm_gateway.dialects.conversation import Conversation
from services.llm_gateway.dialects.deltas import as_object, text_of
from services.llm_gateway.dialects.refusals import invalid, object_at, text_at, unsupported
from services.llm_gateway.providers.base import JsonDict
from services.llm_gateway.responses.tools import chat_name

# Tuples: what is looked up may be of any type, and not hashable.
_SYSTEM = ("system", "developer")
# What only the model that wrote it can read, and what a search that was made elsewhere leaves behind.
_PASSED_OVER = {"reasoning", "web_search_call"}
_PREFIXES = {
    "message": "msg",
    "function_call": "fc",
    "function_call_output": "fco",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
    "reasoning": "rs",
}


def read_items(value: Any) -> list[JsonDict]:
    """The input as items that have a type and an id, as they are stored and listed."""
    if isinstance(value, str):
        value = [{"role": "user", "content": value}]
    if not isinstance(value, list):
        raise invalid("input", "a text or a list of items is needed.")
    items: list[JsonDict] = []
    for place, entry in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        given_item = object_at(entry, f"input[{place}]")
        # Codex writes null for what is not there, and OpenAI's document has none of them.
        item = {name: value for name, value in given_item.items() if value is not None}
        kind = text_of(item.get("type")) or ("message" if "role" in item else "")
        given: JsonDict = {"type": text_at(kind, f"input[{place}].type")}
        item_id = item.get("id") or new_item_id(kind)
        items.append({**item, **given, "id": item_id, **_filled(kind, item)})
    return items


def new_item_id(kind: str) -> str:
    return f"{_PREFIXES.get(kind, 'item')}_{new_id().hex}"


def _filled(kind: str, item: JsonDict) -> JsonDict:
    """A message's content as parts; what came without a status was whole."""
    filled: JsonDict = {} if kind == "reasoning" else {"status": item.get("status") or "completed"}
    content = item.get("content")
    if kind == "message" and isinstance(content, str):
        if item.get("role") == "assistant":
            filled["content"] = [{"type": "output_text", "text": content, "annotations": []}]
        else:
            filled["content"] = [{"type": "input_text", "text": content}]
    for name in ("content", "output"):
        if isinstance(item.get(name), list):
            filled[name] = [_detailed(part) for part in item[name]]
    return filled


def _detailed(part: Any) -> Any:
    if as_object(part).get("type") == "input_image":
        return {**part, "detail": part.get("detail") or "auto"}
    return part


def add_items(conversation: Conversation, items: Iterable[JsonDict], *, param: str) -> None:
    """Raises RequestInvalid, or Unsupported for an item that no chat completion has."""
    for place, item in enumerate(items):
        _add(conversation, item, f"{param}[{place}]")


def _add(conversation: Conversation, item: JsonDict, param: str) -> None:
    kind = item["type"]
    if kind in _PASSED_OVER:
        return
    match kind:
        case "message":
            _add_message(conversation, item, param)
        case "function_call":
            arguments = item.get("arguments")
            if not isinstance(arguments, str):
                raise invalid(f"{param}.arguments", "a text is needed.")
            conversation.tool_call(_call_id(item, param), _name(item, param), arguments)
        case "custom_tool_call":
            arguments = orjson.dumps({"input": text_of(item.get("input"))}).decode()
            conversation.tool_call(_call_id(item, param), _name(item, param), arguments)
        case "function_call_output" | "custom_tool_call_output":
            output = _parts(item.get("output"), f"{param}.output")
            conversation.tool_result(_call_id(item, param), output)
        case _:
            raise unsupported(
                f"{param}.type",
                f"items of type {kind!r} are not supported.",
                code="unsupported_item",
            )


def _add_message(conversation: Conversation, item: JsonDict, param: str) -> None:
    parts = _parts(item.get("content"), f"{param}.content")
    texts = "\n\n".join(part["text"] for part in parts if part["type"] == "text")
    role = item.get("role")
    if role == "user":
        conversation.user(parts)
    elif role == "assistant":
        conversation.assistant(texts)
    elif role in _SYSTEM:
        conversation.system(texts)
    else:
        raise invalid(f"{param}.role", "user, assistant, system or developer is needed.")


def _parts(content: Any, param: str) -> list[JsonDict]:
    """Text and pictures, in chat form."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if not isinstance(content, list):
        raise invalid(param, "a text or a list of parts is needed.")
    return [
        _part(object_at(part, f"{param}[{place}]"), f"{param}[{place}]")
        for place, part in enumerate(content)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    ]


def _part(part: JsonDict, param: str) -> JsonDict:
    match part.get("type"):
        case "input_text" | "output_text" | "text" | "summary_text":
            return {"type": "text", "text": text_of(part.get("text"))}
        case "refusal":
            return {"type": "text", "text": text_of(part.get("refusal"))}
        case "input_image":
            return _image(part, param)
        case kind:
            problem = f"content of type {kind!r} is not supported."
            raise unsupported(f"{param}.type", problem, code="unsupported_content")


def _image(part: JsonDict, param: str) -> JsonDict:
    url = part.get("image_url")
    if not isinstance(url, str) or not url:
        problem = "a picture is needed as a URL or a data URL; uploaded files are not supported."
        raise unsupported(f"{param}.image_url", problem, code="unsupported_content")
    image: JsonDict = {"url": url}
    if part.get("detail") in ("low", "high"):
        image["detail"] = part["detail"]
    return {"type": "image_url", "image_url": image}


def _call_id(item: JsonDict, param: str) -> str:
    return text_at(item.get("call_id"), f"{param}.call_id")


def _name(item: JsonDict, param: str) -> str:
    return chat_name(text_at(item.get("name"), f"{param}.name"), text_of(item.get("namespace")))
